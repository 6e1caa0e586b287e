// One record as elements. Whatever a record holds becomes text, never markup.

const STACK = /^\s+at\s|^\s*\.\.\. \d+ (more|common)|^Caused by: |^\s*Suppressed: |^\s+File "|^Traceback |^goroutine /;
/** What a line shows before it is folded. */
const MOST_LINES = 20;
const MOST_CHARACTERS = 1500;

const ANSI = /\u001b\[[0-9;?]*[ -/]*[@-~]/g;
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

export function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Colours of terminals are dropped; other control characters are shown as their code. */
export function clean(text) {
  return text.replace(/\r\n/g, "\n").replace(ANSI, "")
    .replace(HIDDEN, c => "\u27e8" + c.charCodeAt(0).toString(16).padStart(2, "0") + "\u27e9");
}

export function asText(value) {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** "21:04:05.123" of today, with the date before it on other days. */
export function shortTime(time) {
  const date = new Date(time);
  const two = n => String(n).padStart(2, "0");
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${time.slice(20, 23)}`;
  const today = new Date().toDateString() === date.toDateString();
  return today ? clock : `${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock}`;
}

/** Line and stack trace apart: the trace of the line itself, or of exception.stacktrace. */
export function split(record) {
  const body = clean(asText(record.body));
  const lines = body.split("\n");
  let first = lines.findIndex((line, i) => i > 0 && STACK.test(line));
  if (first > 0) {
    while (first > 1 && /^[\w.$]+(Exception|Error|Throwable)\b/.test(lines[first - 1])) first--;
    return { line: lines.slice(0, first).join("\n"), stack: lines.slice(first).join("\n") };
  }
  const stack = record.attributes["exception.stacktrace"];
  return { line: body, stack: stack ? clean(asText(stack)) : "" };
}

/** Appends text with the sought words marked. */
export function marked(parent, text, words) {
  if (!words) {
    parent.append(text);
    return;
  }
  let at = 0;
  for (const match of text.matchAll(words)) {
    if (match[0] === "") continue;
    parent.append(text.slice(at, match.index));
    parent.append(element("mark", "", match[0]));
    at = match.index + match[0].length;
  }
  parent.append(text.slice(at));
}

/** Appends a button that shows the text under it and hides it again. */
function folded(parent, text, label, className, open, words) {
  const fold = element("button", "fold");
  fold.type = "button";
  const hidden = element("span", className);
  marked(hidden, text, words);
  const show = shown => {
    hidden.hidden = !shown;
    fold.setAttribute("aria-expanded", String(shown));
    fold.textContent = shown ? "▾ fold" : `▸ ${label}`;
  };
  show(open);
  fold.addEventListener("click", event => { event.stopPropagation(); show(hidden.hidden); });
  parent.append(fold, hidden);
}

/** Where a long line is folded: after some lines or characters, and not within one of two units. */
function foldAt(text) {
  let at = 0;
  for (let lines = 0; lines < MOST_LINES && at >= 0; lines++) at = text.indexOf("\n", at + 1);
  let end = Math.min(at < 0 ? text.length : at, MOST_CHARACTERS);
  if (/[\ud800-\udbff]/.test(text.charAt(end - 1))) end--;
  // A few more are not worth a click.
  return text.length - end > MOST_CHARACTERS / 2 || at >= 0 ? end : text.length;
}

export function rendered(record, words) {
  const severity = record.severity.toLowerCase();
  const row = element("div", `record ${severity}`);
  row.setAttribute("role", "listitem");
  row.dataset.id = record.id;
  row.record = record;
  row.append(element("span", "mark"));
  const time = element("time", "", shortTime(record.time));
  time.dateTime = record.time;
  time.title = record.time;
  row.append(time);
  const level = element("span", `severity s-${severity}`, record.severity === "UNSET" ? "·" : record.severity);
  level.title = record.severityText || record.severity;
  row.append(level);
  const service = clean(asText(record.resource["service.name"])) || "·";
  const source = element("span", "service", service);
  source.title = asText(record.resource["log.file.path"]) || service;
  row.append(source);
  const line = element("div", "line");
  const parts = split(record);
  const end = foldAt(parts.line);
  const rest = parts.line.slice(end);
  marked(line, parts.line.slice(0, end), words);
  if (rest) {
    const found = words !== null && rest.search(words) >= 0;
    folded(line, rest.replace(/^\n/, ""), `${rest.length.toLocaleString()} characters more`, "rest", found, words);
  }
  if (parts.stack) {
    const lines = parts.stack.split("\n");
    folded(line, parts.stack, `${lines.length} lines: ${lines[0].trim()}`, "stack", false, words);
  }
  row.append(line);
  return row;
}

function table(name, entries, filter) {
  const made = element("table");
  made.append(element("caption", "", name));
  for (const [key, value, field] of entries) {
    const line = element("tr");
    line.append(element("th", "", clean(key)));
    const cell = element("td", "", clean(asText(value)));
    if (field && asText(value).length < 200) {
      const only = element("button", "", "only");
      only.title = "Show only records with this value";
      only.addEventListener("click", event => { event.stopPropagation(); filter(field, asText(value), false); });
      const without = element("button", "", "without");
      without.addEventListener("click", event => { event.stopPropagation(); filter(field, asText(value), true); });
      cell.append(only, without);
    }
    line.append(cell);
    made.append(line);
  }
  return made;
}

/** Everything a record has. */
export function details(record, actions) {
  const made = element("div", "details");
  const tools = element("div", "tools");
  for (const [name, action] of [
    ["Around it", () => actions.around(record)],
    ["Copy line", () => navigator.clipboard.writeText(asText(record.body))],
    ["Copy as JSON", () => navigator.clipboard.writeText(JSON.stringify(record, null, 2))],
  ]) {
    const button = element("button", "", name);
    button.addEventListener("click", event => { event.stopPropagation(); action(); });
    tools.append(button);
  }
  made.append(tools);
  const own = [
    ["time", record.time],
    ["severity", `${record.severity} (${record.severityNumber}${record.severityText ? ", " + record.severityText : ""})`],
  ];
  if (record.eventName) own.push(["event", record.eventName, "event"]);
  if (record.scope) own.push(["logger", record.scope.name, "logger"]);
  if (record.traceId) own.push(["trace_id", record.traceId, "trace_id"]);
  if (record.spanId) own.push(["span_id", record.spanId, "span_id"]);
  own.push(["id", record.id]);
  made.append(table("Record", own, actions.filter));
  const attributes = Object.entries(record.attributes).map(([key, value]) => [key, value, key]);
  if (attributes.length) made.append(table("Attributes", attributes, actions.filter));
  const resource = Object.entries(record.resource).map(([key, value]) => [key, value, key]);
  if (resource.length) made.append(table("Source", resource, actions.filter));
  return made;
}
