// The admin pages' only script: it follows the sign-in log where the page says so. Lines come as text and are put in as
// text; everything else on these pages works without script.
const MOST = 500; // lines on the page; older ones go

function add(line) {
  const row = document.getElementById("line").content.cloneNode(true);
  for (const cell of row.querySelectorAll("[data-of]")) cell.textContent = line[cell.dataset.of];
  row.querySelector("[data-open]").href = line.open;
  const lines = document.getElementById("lines");
  lines.prepend(row);
  while (lines.children.length > MOST) lines.lastElementChild.remove();
  document.querySelector("#log .empty")?.remove();
}

const source = document.querySelector("[data-source]");
if (source) new EventSource(source.dataset.source).addEventListener("message", (event) => add(JSON.parse(event.data)));
