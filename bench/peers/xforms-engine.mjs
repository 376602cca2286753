// Fills a form over and over with @getodk/xforms-engine: answers, checks, the instance as it would be sent.
// One JSON object a line comes in, one goes out:
// in  {"xml": XForm, "steps": [{"do": "answer", "path": p, "value": v}, {"do": "add", "path": p}]}, answered {}
// in  {"seconds": s}: fills the form for so long
// out {"fills": n, "seconds": s, "xml": the last instance}, or {"error": why}
// The form is parsed once. Where a question stands among its siblings is looked up in the first fill and known
// in all others.
let form;
let steps;

// The places among siblings that lead to a path, as `/data/anggota[2]/nama`.
const placesOf = (root, path) => {
  const places = [];
  let node = root;
  for (const step of path.split('/').slice(2)) {
    const [, name, number] = step.match(/^([^[]*)(?:\[(\d+)\])?$/);
    const go = (at) => {
      places.push(at);
      node = node.currentState.children[at];
    };
    const at = node.currentState.children.findIndex((child) => child.definition.nodeset.split('/').pop() === name);
    if (at < 0) throw new Error(`no node ${path}`);
    go(at);
    if (number) go(number - 1);
  }
  return places;
};

const answer = (node, value) => {
  switch (node.nodeType) {
    case 'select': return node.selectValues(value.split(' ').filter(Boolean));
    case 'trigger': return node.setValue(value === 'OK');
    default: return node.setValue(value);
  }
};

const fill = async () => {
  const instance = form.createInstance();
  for (const step of steps) {
    step.places ??= placesOf(instance.root, step.path);
    const node = step.places.reduce((node, at) => node.currentState.children[at], instance.root);
    if (step.do === 'add') node.addInstances(node.currentState.children.length - 1);
    else answer(node, step.value);
  }
  const { xml, status } = await payload(instance);
  if (status !== 'ready') throw new Error(`refused: ${status}`);
  return xml;
};

await serve(async (asked) => {
  if (asked.xml) {
    const loaded = await loadForm(asked.xml);
    if (loaded.status === 'failure') throw loaded.error;
    [form, steps] = [loaded, asked.steps];
    return {};
  }
  const begun = performance.now();
  let [fills, seconds, xml] = [0, 0, ''];
  while (seconds < asked.seconds) {
    xml = await fill();
    fills += 1;
    seconds = (performance.now() - begun) / 1000;
  }
  return { fills, seconds, xml };
});
