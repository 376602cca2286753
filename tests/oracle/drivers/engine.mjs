// What each driver of @getodk/xforms-engine begins with: it stands before the driver's own text.
import { createInterface } from 'node:readline';
import { JSDOM } from 'jsdom';

const { window } = new JSDOM('');
for (const name of [
  'document', 'Document', 'DOMParser', 'XMLSerializer', 'Node', 'Element', 'Attr', 'Text', 'Comment',
  'XPathResult', 'XMLDocument', 'ProcessingInstruction', 'CDATASection', 'NodeFilter',
]) globalThis[name] = window[name];
globalThis.window = window;
globalThis.__dirname = process.cwd();
const { loadForm } = await import('@getodk/xforms-engine');

// The instance as it would be sent, and whether anything is in the way of that.
const payload = async (instance) => {
  const { data: [data], status } = await instance.root.prepareInstancePayload({ payloadType: 'monolithic' });
  return { xml: await data.get('xml_submission_file').text(), status };
};

// Answers what is asked, a line of JSON each, with what `answer` makes of it, or with {"error": why}.
const serve = async (answer) => {
  // Cut in the middle of a sign, a text of the engine's is none: not for JSON either.
  const whole = (_, value) => (typeof value === 'string' ? value.toWellFormed() : value);
  for await (const line of createInterface({ input: process.stdin })) {
    let said;
    try {
      said = await answer(JSON.parse(line));
    } catch (fault) {
      said = { error: String(fault?.message ?? fault) };
    }
    process.stdout.write(JSON.stringify(said, whole) + '\n');
  }
};
