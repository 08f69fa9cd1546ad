// The dialogues: search, filters, order. Every text is inserted as text, never as markup.

const AT_ONCE = 20;
const TAG = /(#[A-Za-z]+\d*#)/;
const SPEAKER = /^#Person([1-7])#$/;

const { dialogues, errors, spoken, korean } =
  JSON.parse(document.getElementById("dialogues-data").textContent);

const ORDERS = {
  worst: (a, b) => score(a) - score(b),
  best: (a, b) => score(b) - score(a),
  file: () => 0,
  longest: (a, b) => b.dialogue.length - a.dialogue.length,
};

let form, list, more;
let chosen = [];
let shown = 0;

// A text of the page in the language that is shown, with the values for what stands in braces.
function say(text, values = {}) {
  const told = document.documentElement.lang === "ko" ? korean[text] ?? text : text;
  return told.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

for (const one of dialogues) {
  const texts = [one.id, one.topic, one.dialogue, ...one.references.map(join), join(one.prediction)];
  one.haystack = texts.join("\n").toLowerCase();
}

function choose() {
  const { query, error, order, ...slices } = Object.fromEntries(new FormData(form));
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = Object.entries(slices).filter(([, value]) => value);
  chosen = dialogues.filter((one) =>
    words.every((word) => one.haystack.includes(word)) &&
    wanted.every(([name, value]) => one.slices[name] === value) &&
    (!error || one.errors.includes(error)));
  chosen.sort(ORDERS[order]);
  list.replaceChildren();
  shown = 0;
  showMore();
  document.getElementById("found").textContent = summary();
}

function summary() {
  if (chosen.length === 0) return say("No dialogue is like that.");
  const mean = chosen.reduce((sum, one) => sum + score(one), 0) / chosen.length;
  const values = { n: chosen.length, all: dialogues.length, mean: mean.toFixed(2) };
  return say("{n} of {all} dialogues, mean score {mean}", values);
}

function showMore() {
  list.append(...chosen.slice(shown, shown + AT_ONCE).map(article));
  shown = Math.min(shown + AT_ONCE, chosen.length);
  more.hidden = shown === chosen.length;
  more.textContent = say("Show more ({n} left)", { n: chosen.length - shown });
}

function article(one) {
  const [rouge1, rouge2, rougeL, mean] = one.scores.map((value) => value.toFixed(2));
  const facts = [one.topic, `ROUGE-1, -2, -L: ${rouge1}, ${rouge2}, ${rougeL}`];
  const header = element("header", {}, [
    element("h3", {}, [one.id]),
    element("span", { className: "score" }, [mean]),
    element("span", { className: "facts" }, [facts.filter(Boolean).join(" · ")]),
    ...one.errors.map((name) => element("span", { className: "fault" }, [say(errors[name] ?? name)])),
  ]);
  const references = one.references.flatMap((pieces, place) => {
    const number = one.references.length > 1 ? ` ${place + 1}` : "";
    return [element("h4", {}, [say("Reference") + number]), quoted("p", colored(pieces))];
  });
  const texts = element("div", { className: "texts" }, [
    element("div", {}, references),
    element("div", {}, [element("h4", {}, [say("Prediction")]), quoted("p", colored(one.prediction))]),
  ]);
  const whole = element("details", {}, [element("summary", {}, [say("Dialogue")])]);
  whole.addEventListener("toggle", () => whole.append(turns(one.dialogue)), { once: true });
  return element("article", { className: "dialogue" }, [header, texts, whole]);
}

function turns(dialogue) {
  const rows = dialogue.split("\n").flatMap((line) => {
    const [, tag, words] = /^(#Person\w*#):\s?(.*)$/.exec(line) ?? [null, "", line];
    return [element("dt", {}, tagged(tag)), element("dd", {}, tagged(words))];
  });
  return quoted("dl", rows, "turns");
}

// Pieces are by turns not shared and shared.
function colored(pieces) {
  return pieces.flatMap((piece, place) =>
    place % 2 ? [element("mark", {}, [piece])] : tagged(piece));
}

function tagged(text) {
  return text.split(TAG).map((part, place) => {
    if (place % 2 === 0) return part;
    const tag = element("span", { className: "tag" }, [part]);
    const speaker = SPEAKER.exec(part);
    if (speaker) tag.style.setProperty("--tag", `var(--speaker${speaker[1]})`);
    return tag;
  });
}

function quoted(name, children, className = "") {
  return element(name, { lang: spoken, className }, children);
}

// Strings among the children become text nodes: nothing in them is ever read as HTML.
function element(name, properties, children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function score(one) {
  return one.scores[3];
}

function join(pieces) {
  return pieces.join("");
}

function show(name, value) {
  form.reset();
  form.elements[name].value = value;
  choose();
  document.getElementById("dialogues").scrollIntoView();
  form.elements[name].focus({ preventScroll: true });
}

// Each language has a form of its own; what was asked of one is asked of the other.
function start() {
  const asked = form ? new FormData(form) : [];
  [form, list, more] = ["filters", "list", "more"].map((id) => document.getElementById(id));
  for (const [name, value] of asked) form.elements[name].value = value;
  choose();
  if (form.dataset.started) return;
  form.dataset.started = "";
  form.addEventListener("input", choose);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(choose));
  more.addEventListener("click", showMore);
  for (const button of document.querySelectorAll("[data-filter]")) {
    button.addEventListener("click", () => show(button.dataset.filter, button.dataset.value));
  }
}

document.addEventListener("shown", start);
start();
