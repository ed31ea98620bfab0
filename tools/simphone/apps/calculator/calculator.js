"use strict";
const DATABASE = "/data/data/com.google.android.calculator/databases/history.db";
const FUNCTIONS = [["(", "left parenthesis"], [")", "right parenthesis"], ["√", "square root"], ["^", "power"], ["!", "factorial"], ["π", "pi"]];
const BACKSPACE = '<svg viewBox="0 0 24 24"><path d="M8 5h12v14H8l-6-7zM11 9l6 6M17 9l-6 6"/></svg>';
const KEYS = [
  ["AC", "clear", "clear"], ["⌫", "delete", "sign"], ["%", "percent", "sign"], ["÷", "divide", "sign"],
  ["7", "7"], ["8", "8"], ["9", "9"], ["×", "multiply", "sign"],
  ["4", "4"], ["5", "5"], ["6", "6"], ["−", "minus", "sign"],
  ["1", "1"], ["2", "2"], ["3", "3"], ["+", "plus", "sign"],
  ["0", "0", "wide"], [".", "point"], ["=", "equals", "equals"],
];
const formula = document.getElementById("formula");
const result = document.getElementById("result");
const history = document.getElementById("history");
let finished = false; // the formula is a result: a digit begins a new one, a sign goes on with it

const grouped = (text) => text.replace(/^(−?)(\d+)/, (whole, sign, digits) => sign + digits.replace(/\B(?=(\d{3})+$)/g, ","));

function key([sign, name, kind = ""]) {
  const button = document.createElement("button");
  if (sign === "⌫") button.innerHTML = BACKSPACE;
  else button.textContent = sign;
  button.className = kind;
  if (sign !== name) button.setAttribute("aria-label", name);
  button.dataset.id = `key_${name.replace(" ", "_")}`;
  button.addEventListener("pointerdown", (event) => event.preventDefault());
  button.addEventListener("click", () => press(sign));
  return button;
}

function show() {
  const text = formula.value;
  formula.classList.toggle("long", text.length > 10);
  formula.classList.toggle("longer", text.length > 17);
  const answer = calculation.evaluate(text);
  const worth = !finished && answer.value !== undefined && !answer.single;
  result.classList.remove("wrong");
  result.textContent = worth ? grouped(answer.value) : "";
}

function clean(text) {
  return text.replace(/\*/g, "×").replace(/\//g, "÷").replace(/-/g, "−").replace(/[^\d.()√πeE^!%+−×÷,]/g, "").slice(0, 500);
}

function insert(text) {
  const { selectionStart: start, selectionEnd: end, value } = formula;
  if (finished) {
    const goesOn = /^[+−×÷^!%]/.test(text);
    formula.value = goesOn ? formula.value + text : text;
    formula.setSelectionRange(formula.value.length, formula.value.length);
    finished = false;
    return;
  }
  const before = value.slice(0, start);
  // A second sign takes the place of the first; a minus may follow × and ÷.
  const replaced = /^[+×÷^]$/.test(text) && /[+−×÷^]$/.test(before) || text === "−" && /[+−]$/.test(before) ? 1 : 0;
  if (replaced && before.length === 1 && text !== "−") return;
  formula.value = before.slice(0, before.length - replaced) + text + value.slice(end);
  const place = start - replaced + text.length;
  formula.setSelectionRange(place, place);
}

function remove() {
  const { selectionStart: start, selectionEnd: end, value } = formula;
  const from = start === end ? Math.max(0, start - 1) : start;
  formula.value = value.slice(0, from) + value.slice(end);
  formula.setSelectionRange(from, from);
  finished = false;
}

async function equals() {
  const text = formula.value;
  if (!text || finished) return;
  const answer = calculation.evaluate(text);
  if (answer.error) {
    result.textContent = answer.error;
    result.classList.add("wrong");
    return;
  }
  formula.value = answer.value;
  formula.setSelectionRange(answer.value.length, answer.value.length);
  finished = true;
  show();
  if (!answer.single) await phone.sql(DATABASE, "INSERT INTO history (expression, result, date) VALUES (?, ?, ?)", [text, answer.value, phone.now().getTime()]);
}

function press(sign) {
  if (sign === "=") return void equals();
  if (sign === "AC") {
    formula.value = "";
    finished = false;
  } else if (sign === "⌫") remove();
  else insert(sign);
  formula.focus();
  show();
  formula.scrollLeft = formula.scrollWidth;
}

async function openHistory() {
  const rows = await phone.sql(DATABASE, "SELECT expression, result, date FROM history ORDER BY _id DESC LIMIT 200");
  const past = document.getElementById("past");
  past.replaceChildren();
  let day = "";
  for (const row of rows) {
    const name = phone.format(new Date(row.date), { day: "numeric", month: "long", year: "numeric" });
    if (name !== day) {
      day = name;
      past.append(Object.assign(document.createElement("div"), { className: "day", textContent: name }));
    }
    const line = document.createElement("button");
    line.append(
      Object.assign(document.createElement("span"), { className: "sum", textContent: row.expression }),
      Object.assign(document.createElement("span"), { className: "value", textContent: `= ${grouped(row.result)}` }),
    );
    line.addEventListener("click", () => {
      formula.value = row.expression;
      finished = false;
      closeHistory();
      show();
    });
    past.append(line);
  }
  if (!rows.length) past.append(Object.assign(document.createElement("p"), { className: "none", textContent: "No history" }));
  document.getElementById("history-clear").hidden = !rows.length;
  history.hidden = false;
  formula.blur();
}

function closeHistory() {
  history.hidden = true;
  formula.focus();
}

async function begin() {
  document.getElementById("functions").append(...FUNCTIONS.map(key));
  document.getElementById("keys").append(...KEYS.map(key));
  document.getElementById("history-open").addEventListener("click", openHistory);
  document.getElementById("history-close").addEventListener("click", closeHistory);
  document.getElementById("history-clear").addEventListener("click", async () => {
    await phone.sql(DATABASE, "DELETE FROM history");
    await openHistory();
  });
  formula.addEventListener("input", () => {
    const end = formula.value.length - formula.selectionEnd;
    const equal = formula.value.includes("=");
    formula.value = clean(formula.value);
    formula.setSelectionRange(formula.value.length - end, formula.value.length - end);
    finished = false;
    show();
    if (equal) void equals();
  });
  formula.addEventListener("keydown", (event) => {
    if (event.key === "Enter") void equals();
  });
  await phone.ready;
  phone.onBack(() => {
    if (history.hidden) return false;
    closeHistory();
    return true;
  });
  formula.focus();
  show();
}

void begin();
