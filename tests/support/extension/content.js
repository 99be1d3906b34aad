// A client of the wire contract that is as careless as real ones: it describes everything on the page, including hidden
// inputs, buttons and what the user has typed, sends matches back unchanged, ticks a box for any value that is not empty, and
// sends thumbs up or down with the value and the whole URL. The test writes config.js, which defines FIELDWISE = { url, token }.

const KINDS = "input, select, textarea, button";

function selectorOf(element) {
  if (element.id) return `#${CSS.escape(element.id)}`; // not unique if the page repeats an id
  if (element.name) return `${element.localName}[name="${CSS.escape(element.name)}"]`;
  const siblings = [...element.parentElement.children].filter((other) => other.localName === element.localName);
  const step = `${element.localName}:nth-of-type(${siblings.indexOf(element) + 1})`;
  return element.parentElement === document.body ? `body > ${step}` : `${selectorOf(element.parentElement)} > ${step}`;
}

function labelOf(element) {
  const label = element.labels?.[0]?.innerText ?? element.getAttribute("aria-label") ?? element.innerText;
  return (label ?? "").trim();
}

function describe(element) {
  return {
    selector: selectorOf(element),
    label: labelOf(element),
    placeholder: element.placeholder ?? "",
    name: element.name ?? "",
    id: element.id,
    type: element.type, // "select-one", not "select"
    required: element.required === true,
    pattern: element.pattern || null,
    maxlength: element.maxLength > 0 ? element.maxLength : null,
    autocomplete: element.getAttribute("autocomplete"),
    options: element.options ? [...element.options].map(({ value, text }) => ({ value, text })) : [],
    value: element.value, // the server has to drop it
    rect: element.getBoundingClientRect().toJSON(), // and to ignore this
  };
}

async function ask(path, body) {
  const answer = await fetch(FIELDWISE.url + path, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${FIELDWISE.token}` },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

function write(element, value) {
  if (element.type === "radio" || element.type === "checkbox") element.checked = Boolean(value);
  else element.value = value;
  for (const kind of ["input", "change"]) element.dispatchEvent(new Event(kind, { bubbles: true }));
}

function addThumbs(element, fill) {
  for (const [sign, feedback] of [["👍", "correct"], ["👎", "incorrect"]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.dataset.thumb = `${feedback} ${fill.selector}`;
    button.onclick = async () => {
      const { selector, canonical } = fill;
      const vote = { selector, canonical, feedback, value: element.value, url: location.href, timestamp: Date.now() };
      try {
        await ask("/api/autofill/feedback", vote);
        button.dataset.state = "sent";
      } catch (error) {
        button.dataset.state = String(error);
      }
    };
    element.after(button);
  }
}

async function fillPage() {
  const fields = [...document.querySelectorAll(KINDS)].map(describe);
  const { matches } = await ask("/api/autofill/classify", { fields, page: { origin: location.origin } });
  const { fills } = await ask("/api/autofill/fill", { matches });
  for (const fill of fills) {
    const element = document.querySelector(fill.selector);
    write(element, fill.value);
    addThumbs(element, fill);
  }
  return `filled ${fills.length} of ${matches.length}`;
}

fillPage().then(
  (state) => (document.documentElement.dataset.fieldwise = state),
  (error) => (document.documentElement.dataset.fieldwise = String(error)),
);
