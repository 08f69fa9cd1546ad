// The theme, the charts, and tables that sort.

const DESCENDING = "descending";
const LEGEND_ENTRY = 130; // pixels

function chooseTheme() {
  const choice = document.getElementById("theme");
  const stored = recall();
  if ([...choice.options].some((option) => option.value === stored)) choice.value = stored;
  const apply = () => { document.documentElement.dataset.theme = choice.value; };
  choice.addEventListener("change", () => { apply(); remember(choice.value); });
  apply();
}

// A page from disk may be denied storage: then the theme lasts as long as the page.
function recall() {
  try { return localStorage.getItem("report-theme"); } catch { return null; }
}
function remember(value) {
  try { localStorage.setItem("report-theme", value); } catch { /* as above */ }
}

async function drawCharts() {
  const { config, specs } = JSON.parse(document.getElementById("charts-data").textContent);
  const options = {
    actions: false, renderer: "svg", mode: "vega-lite", defaultStyle: false,
    ast: true, // interpreted: the page's policy forbids to compile text
    tooltip: { disableDefaultStyle: true },
  };
  for (const place of document.querySelectorAll("[data-chart]")) {
    const columns = Math.max(1, Math.floor(place.clientWidth / LEGEND_ENTRY));
    const fitting = { ...config, legend: { ...config.legend, columns } };
    await window.vegaEmbed(place, specs[place.dataset.chart], { ...options, config: fitting });
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
  rows.sort((a, b) => compare(a.cells[column].textContent, b.cells[column].textContent, descending));
  table.tBodies[0].append(...rows);
}

// Numbers by value, words by the alphabet, and cells without anything last, whatever the order.
function compare(a, b, descending) {
  if (!a || !b) return (a === "") - (b === "");
  const [x, y] = [Number(a), Number(b)];
  const order = Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b, "ko", { numeric: true }) : x - y;
  return descending ? -order : order;
}

chooseTheme();
sortTables();
drawCharts().then(() => { document.body.dataset.drawn = ""; });
