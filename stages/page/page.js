// The language, the theme, the charts, and tables that sort.

const DESCENDING = "descending";
const LEGEND_ENTRY = 130; // pixels
const { config, specs } = JSON.parse(document.getElementById("charts-data").textContent);

// A page from disk may be denied storage: then a choice lasts as long as the page.
function recall(name) {
  try { return localStorage.getItem(`report-${name}`); } catch { return null; }
}
function remember(name, value) {
  try { localStorage.setItem(`report-${name}`, value); } catch { /* as above */ }
}

// Both languages were written by the same template: what is not shown waits in <template id="other">.
function changeLanguage() {
  const waiting = document.getElementById("other");
  const [shown, next] = [document.getElementById("page"), waiting.content.firstElementChild];
  const theme = document.getElementById("theme").value;
  shown.replaceWith(next);
  waiting.content.append(shown);
  document.documentElement.lang = next.lang;
  document.title = next.dataset.title;
  document.getElementById("theme").value = theme;
  start();
}

function start() {
  const page = document.getElementById("page");
  page.dispatchEvent(new CustomEvent("shown", { bubbles: true }));
  delete document.body.dataset.drawn;
  drawCharts(page.lang).then(() => { document.body.dataset.drawn = ""; });
  if (page.dataset.started) return;
  page.dataset.started = "";
  chooseTheme();
  sortTables();
  openMenu();
  document.getElementById("language").addEventListener("click", () => {
    changeLanguage();
    remember("language", document.documentElement.lang);
    document.getElementById("language").focus({ preventScroll: true });
  });
}

function chooseTheme() {
  const choice = document.getElementById("theme");
  const apply = () => { document.documentElement.dataset.theme = choice.value; };
  choice.addEventListener("change", () => { apply(); remember("theme", choice.value); });
  apply();
}

// On a phone the sections are a menu.
function openMenu() {
  const [button, sections] = [document.querySelector(".menu"), document.getElementById("sections")];
  const open = (yes) => button.setAttribute("aria-expanded", yes);
  button.addEventListener("click", () => open(button.getAttribute("aria-expanded") === "false"));
  sections.addEventListener("click", () => open(false));
}

async function drawCharts(language) {
  const options = {
    actions: false, renderer: "svg", mode: "vega-lite", defaultStyle: false,
    ast: true, // interpreted: the page's policy forbids to compile text
    tooltip: { disableDefaultStyle: true },
  };
  for (const place of document.querySelectorAll("[data-chart]:not(:has(svg))")) {
    const columns = Math.max(1, Math.floor(place.clientWidth / LEGEND_ENTRY));
    const fitting = { ...config, legend: { ...config.legend, columns } };
    await window.vegaEmbed(place, specs[language][place.dataset.chart], { ...options, config: fitting });
  }
}

function sortTables() {
  for (const table of document.querySelectorAll("table.sortable")) {
    [...table.tHead.rows[0].cells].forEach((heading, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = heading.textContent;
      heading.replaceChildren(button);
      button.addEventListener("click", () => sortBy(table, heading, column));
    });
  }
}

function sortBy(table, heading, column) {
  const isNumber = heading.classList.contains("number");
  const was = heading.getAttribute("aria-sort");
  const descending = was ? was !== DESCENDING : isNumber;
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", descending ? DESCENDING : "ascending");
  const rows = [...table.tBodies[0].rows];
  rows.sort((a, b) => compare(value(a.cells[column]), value(b.cells[column]), descending));
  table.tBodies[0].append(...rows);
}

// What stands in small below a value is no part of it.
function value(cell) {
  return cell.firstChild?.nodeValue ?? cell.textContent;
}

// Numbers by value, words by the alphabet, and cells without anything last, whatever the order.
function compare(a, b, descending) {
  if (!a || !b) return (a === "") - (b === "");
  const [x, y] = [Number(a), Number(b)];
  const order = Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b, "ko", { numeric: true }) : x - y;
  return descending ? -order : order;
}

const theme = recall("theme");
const choice = document.getElementById("theme");
if ([...choice.options].some((option) => option.value === theme)) choice.value = theme;
if (recall("language") === document.getElementById("other").content.firstElementChild.lang) changeLanguage();
else start();
