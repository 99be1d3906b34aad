// Sorts a table by the column whose heading is pressed; without this script the tables keep their order.
for (const table of document.querySelectorAll("table.sortable")) {
  table.querySelectorAll("thead th").forEach((heading, column) => {
    const isNumber = heading.classList.contains("n");
    const text = (row) => row.cells[column].textContent.trim();
    const number = (row) => parseFloat(text(row).replaceAll(",", "").replace("−", "-"));
    const known = (value) => (Number.isNaN(value) ? -Infinity : value);
    const ascending = (a, b) => (isNumber ? known(number(a)) - known(number(b)) || 0 : text(a).localeCompare(text(b), "en"));
    const button = document.createElement("button");
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const order = heading.getAttribute("aria-sort");
      const isAscending = order ? order === "descending" : !isNumber; // the largest numbers first, texts from A
      table.querySelectorAll("thead th").forEach((other) => other.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", isAscending ? "ascending" : "descending");
      const rows = [...table.tBodies[0].rows].sort((a, b) => (isAscending ? ascending(a, b) : ascending(b, a)));
      table.tBodies[0].append(...rows);
    });
  });
}
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => (one.open = true)));
