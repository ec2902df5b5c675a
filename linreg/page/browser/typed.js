// Numbers as people type them: 0,0005 and 1/1000 become what they mean before Streamlit sees them.
//
// A field of type "number" leaves out what it does not know, so that these would be 5 and 11000; and
// of an unfinished number it makes the default. Here a field keeps what is typed as text, and is read
// when it is sent: with Enter, with an arrow, or when it is left. What is no number, or may be two, is
// refused in words, and the last good value stays.

const FIELDS = "input[data-testid=stNumberInputField]";
const SENDS = ["Enter", "ArrowUp", "ArrowDown"];
const LONGEST = 40; // letters of what is quoted

const inputs = document.getElementsByTagName("input"); // those that are there at any time
let grammar, whole; // as in linreg/sharing/typed.py; which fields hold whole numbers

const matches = (pattern, text) => text.match(new RegExp(`^(?:${pattern})$`));
const tidy = (text) => [...text].map((sign) => grammar.signs[sign] ?? sign).join("").trim();

function value(text, isWhole) {
  let made, read = NaN;
  if (matches(grammar.number, text) && !matches(isWhole ? grammar.grouped_whole : grammar.grouped, text))
    read = Number(text.replace(",", "."));
  else if ((made = matches(grammar.fraction, text))) read = made[1] / made[2];
  else if ((made = matches(grammar.power, text)))
    read = made[1] === "10" ? Number(`1e${made[2]}`) : 2 ** made[2];
  return Number.isFinite(read) && (!isWhole || Number.isInteger(read)) ? read : null;
}

// Streamlit reads a whole number up to its first letter: 1e21 has to be written out.
const written = (read, isWhole) => (isWhole ? String(BigInt(read)) : String(read));

function reason(text, isWhole) {
  if (matches(isWhole ? grammar.grouped_whole : grammar.grouped, text))
    return `It can be ${text.replace(/[.,]/, "")} or ${Number(text.replace(",", "."))}. Write one of these.`;
  if (isWhole) return "It must be a whole number, such as 1000 or 1e3.";
  return "It must be a number, such as 0.0005, 0,0005, 5e-4 or 1/2000, with nothing between thousands.";
}

// Before it is clicked: a field that changes its type under the pointer gets no caret.
function become(field) {
  field.type = "text";
  field.inputMode = field.min < 0 ? "text" : "decimal"; // not every keyboard of digits has a minus
  field.autocomplete = "off";
  field.setAttribute("role", "spinbutton"); // as it was
  field.ariaValueMin = field.min;
  field.ariaValueMax = field.max;
}

function becomeAll() {
  for (const field of inputs)
    if (field.type === "number" && field.matches(FIELDS) && field !== document.activeElement) become(field);
}

function create(parent) {
  const note = parent.querySelector(".note");
  const good = new WeakMap(); // what a field held before it was typed in
  const listening = new AbortController();
  let refused = null; // the field that the note is about
  let isPutting = false, isOff = false;

  const of = (event) => (event.target instanceof Element && event.target.matches(FIELDS) ? event.target : null);

  function place() {
    if (!refused) return;
    if (!refused.isConnected) return hide();
    const box = refused.getBoundingClientRect();
    const below = box.bottom + 6, { offsetWidth, offsetHeight } = note;
    note.style.left = `${Math.max(8, Math.min(box.left, innerWidth - offsetWidth - 8))}px`;
    note.style.top = `${below + offsetHeight < innerHeight ? below : box.top - offsetHeight - 6}px`;
  }

  function hide() {
    refused?.removeAttribute("aria-invalid");
    refused = null;
    note.togglePopover?.(false);
  }

  function refuse(field, text, isWhole) {
    refused = field;
    field.setAttribute("aria-invalid", "true");
    note.togglePopover?.(true);
    const head = document.createElement("b");
    head.textContent = `“${text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text}” was not taken.`;
    note.replaceChildren(head, `${reason(tidy(text), isWhole)} Still set: ${good.get(field) || field.placeholder}.`);
    place();
  }

  // As if it were typed: React hears of it.
  function put(field, text) {
    if (field.value === text) return;
    isPutting = true;
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, text);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    isPutting = false;
  }

  // Returns whether Streamlit may take what the field holds now.
  function settle(field) {
    if (!good.has(field)) return true;
    const text = field.value.trim(), isWhole = field.closest(whole) !== null;
    const read = text && value(tidy(text), isWhole);
    if (read === null) {
      refuse(field, text, isWhole);
      return false;
    }
    put(field, text && written(read, isWhole));
    if (!text || (field.min <= read && read <= field.max)) good.delete(field); // else Streamlit refuses it
    return true;
  }

  const hear = (name, act) => window.addEventListener(name, act, { capture: true, signal: listening.signal });

  hear("pointerdown", (event) => {
    if (refused) hide();
    const button = event.target.closest?.("[data-testid^=stNumberInputStep]");
    const field = button?.closest(".stNumberInput").querySelector(FIELDS);
    isOff = Boolean(field) && !settle(field); // no step from a number that was never taken
  });
  hear("click", (event) => isOff && event.detail && event.stopImmediatePropagation());
  hear("beforeinput", (event) => {
    const field = of(event);
    if (field && !good.has(field)) good.set(field, field.value);
  });
  hear("input", (event) => {
    if (refused && !isPutting) hide();
  });
  hear("keydown", (event) => {
    if (event.key === "Escape") hide();
    const field = of(event);
    if (!field || event.isComposing || !SENDS.includes(event.key) || settle(field)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  });
  hear("focusout", (event) => {
    const field = of(event);
    if (!field || settle(field)) return;
    put(field, good.get(field));
    field.removeAttribute("aria-invalid"); // it holds the last good value again; the note stays
    good.delete(field);
  });
  hear("scroll", place);
  hear("resize", place);
  const watcher = new MutationObserver(becomeAll);
  watcher.observe(document.body, { childList: true, subtree: true });
  becomeAll();

  return () => {
    listening.abort();
    watcher.disconnect();
    layers.delete(parent);
  };
}

const layers = new WeakMap();

export default function ({ data, parentElement }) {
  grammar = data.grammar;
  whole = data.whole.map((key) => `.st-key-${key}`).join();
  if (!layers.has(parentElement)) layers.set(parentElement, create(parentElement));
  return layers.get(parentElement);
}
