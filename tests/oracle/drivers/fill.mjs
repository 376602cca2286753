// Fills forms with @getodk/xforms-engine. One JSON object a line comes in, one goes out:
// in  {"xml": XForm, "files": {name: text}, "steps": [step]}
// out {"states": [state]}: one as the form was opened and one after each step, or {"error": why}
const found = (node, reference) => {
  if (node.currentState.reference === reference) return node;
  for (const child of node.currentState.children ?? []) {
    const deeper = found(child, reference);
    if (deeper) return deeper;
  }
  return null;
};

const take = (root, step) => {
  const node = step.do === 'language' ? root : found(root, step.path);
  if (!node) throw new Error(`no node ${step.path}`);
  switch (step.do) {
    case 'answer':
      switch (node.nodeType) {
        case 'select': return void node.selectValues(step.value.split(' ').filter(Boolean));
        case 'trigger': return void node.setValue(step.value === 'OK');
        case 'rank': return void node.setValues(step.value.split(' ').filter(Boolean));
        default: return void node.setValue(step.value);
      }
    case 'add': return void node.addInstances(node.currentState.children.length - 1);
    case 'remove': return void node.removeInstances(step.index);
    case 'language': {
      const language = root.languages.find(({ language }) => language === step.value);
      return void root.setLanguage(language);
    }
    default: throw new Error(`no such step ${step.do}`);
  }
};

const told = (node, all) => {
  const { currentState: state, validationState } = node;
  const one = { path: state.reference, kind: node.nodeType, relevant: state.relevant };
  if (node.nodeType !== 'root' && node.nodeType !== 'repeat-instance') {
    one.required = state.required;
    one.readonly = state.readonly;
    one.label = state.label?.asString ?? null;
  }
  if (typeof state.instanceValue === 'string') one.value = state.instanceValue;
  if (validationState.violation) one.violation = validationState.violation.condition;
  if (state.valueOptions) {
    one.choices = state.valueOptions.map((option) => [option.value, option.label?.asString ?? '']);
  }
  all.push(one);
  for (const child of state.children ?? []) told(child, all);
  return all;
};

const state = async (instance) => ({ nodes: told(instance.root, []), ...(await payload(instance)) });

const run = async ({ xml, files = {}, steps = [] }) => {
  const fetchFormAttachment = async (url) => {
    const name = decodeURIComponent(url.href.split('/').pop());
    return new Response(files[name] ?? '', { status: name in files ? 200 : 404 });
  };
  const form = await loadForm(xml, { fetchFormAttachment, missingResourceBehavior: 'ERROR' });
  if (form.status === 'failure') throw form.error;
  const instance = form.createInstance();
  // The engine begins in the language of its process; a form begins in its default, or its first.
  const languages = [...xml.matchAll(/<translation lang="([^"]*)"( default="true\(\)")?/g)];
  const first = languages.find(([, , isDefault]) => isDefault) ?? languages[0];
  if (first) take(instance.root, { do: 'language', value: first[1] });
  const states = [await state(instance)];
  for (const step of steps) {
    take(instance.root, step);
    states.push(await state(instance));
  }
  return { states };
};

await serve(run);
