// The link to the page as it is, and a button that copies it.
//
// Two things only the browser knows, and they join the link here: the step that the player stands at,
// and which boxes of the stage are ticked.

const LASTS = 3000; // milliseconds that "Copied" is shown

function whole({ link, frame, steps, boxes, ticked }) {
  const url = new URL(link);
  const find = (name) => document.querySelector(`.st-key-stage .vega-bindings input[name="${name}"]`);
  const set = (name, value, usual) => {
    if (value === usual) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  };
  const known = steps.split(" ");
  if (find(frame)) set("step", known[find(frame).value], known.at(-1));
  if (boxes.every(find)) {
    const shown = boxes.filter((name) => find(name).checked);
    set("show", shown.join(",") || "none", ticked.join(",") || "none");
  }
  return url.href;
}

// Browsers lend the clipboard to pages that came over HTTPS, and else to what is selected.
async function copied(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.focus();
    field.select();
    return document.execCommand("copy");
  }
}

export default function ({ data, parentElement }) {
  const find = (selector) => parentElement.querySelector(selector);
  const field = find("input"), status = find("span");
  let timer;
  const show = () => (field.value = whole(data));
  field.onpointerdown = show;
  field.onfocus = () => field.select();
  find("button").onclick = async () => {
    show();
    const done = await copied(field);
    status.textContent = done ? "Copied" : "Not allowed here: the link is selected, copy it from the field.";
    clearTimeout(timer);
    if (done) timer = setTimeout(() => (status.textContent = ""), LASTS);
  };
  show();
  return () => clearTimeout(timer);
}
