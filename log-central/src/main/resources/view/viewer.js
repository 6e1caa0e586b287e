// The viewer: what is shown is what the URL says; every change goes through `go`.
import { asText, clean, details, element, rendered } from "./record.js";
import { login, showSession } from "./session.js";

const PAGE = 200;
const MOST_ROWS = 5000;
const byId = id => document.getElementById(id);
const records = byId("records");
const scroller = byId("scroll");

let state = { q: "", range: "1h", from: "", to: "", live: false, id: "" };
let next = null;
let loading = false;
let generation = 0;
let stream = null;
let unseen = 0;
let words = null;
let picked = null;

function fromUrl() {
  const params = new URLSearchParams(location.hash.slice(1));
  state = {
    q: params.get("q") || "", range: params.get("range") || "1h", from: params.get("from") || "",
    to: params.get("to") || "", live: params.get("live") === "1", id: params.get("id") || "",
  };
}

function go(change) {
  Object.assign(state, change);
  const params = new URLSearchParams();
  if (state.q) params.set("q", state.q);
  if (state.from) { params.set("from", state.from); params.set("to", state.to); }
  else if (state.range !== "1h") params.set("range", state.range);
  if (state.live) params.set("live", "1");
  if (state.id) params.set("id", state.id);
  const hash = "#" + params;
  if (hash !== location.hash && !(hash === "#" && !location.hash)) history.pushState(null, "", hash);
  show();
}

function times() {
  return state.from ? { from: state.from, to: state.to } : { from: `now-${state.range}` };
}

async function ask(path, params) {
  let response;
  try {
    response = await fetch(`${path}?${new URLSearchParams(params)}`, { headers: { accept: "application/json" } });
  } catch { throw new Error("The server does not answer. What is shown may be old."); }
  const answer = await response.json();
  if (response.status === 401) {
    await login();
    return ask(path, params);
  }
  if (!response.ok) throw Object.assign(new Error(answer.error), { column: answer.column });
  return answer;
}

function problem(error) {
  const box = byId("problem");
  box.hidden = !error;
  if (!error) return;
  box.textContent = error.column
    ? `${state.q}\n${" ".repeat(error.column - 1)}^ ${error.message}` : error.message;
}

/** The words to mark: what is sought as text, not the fields and signs. */
function wordsOf(query) {
  const parts = [];
  for (const match of query.matchAll(/(NOT\s+|-)?(?:[\w.@-]+:\S+|\/((?:[^/\\]|\\.)+)\/|"((?:[^"\\]|\\.)*)"|([^\s()":]+))/g)) {
    if (match[1]) continue;
    if (match[2]) parts.push(match[2]);
    const text = match[3] || match[4];
    if (text && !/^(AND|OR|NOT|TO)$/.test(text)) {
      const bare = text.replace(/[*?]/g, "");
      if (bare) parts.push(bare.replace(/[.+^${}()|[\]\\]/g, "\\$&"));
    }
  }
  try { return parts.length ? new RegExp(parts.join("|"), "gi") : null; } catch { return null; }
}

async function show() {
  const mine = ++generation;
  byId("query").value = state.q;
  byId("range").value = state.from ? "custom" : state.range;
  byId("tail").setAttribute("aria-pressed", String(state.live));
  document.title = (state.q ? state.q + " · " : "") + "Logs · Pillion";
  words = wordsOf(state.q);
  stopTail();
  records.replaceChildren();
  picked = null;
  next = null;
  unseen = 0;
  byId("new").hidden = true;
  byId("end").textContent = "Loading …";
  try {
    const from = state.live ? { from: times().from } : times();
    if (state.live) {
      // A login comes first: what arrives between the tail's beginning and the page must not be missed.
      await ask("api/session", {});
      if (mine !== generation) return;
      startTail(mine);
    }
    const page = await ask("api/logs", { query: state.q, limit: PAGE, ...from });
    if (mine !== generation) return;
    problem(null);
    append(page.records);
    next = page.next;
    ended();
    scroller.scrollTop = 0;
    if (state.id) openById(state.id);
    await Promise.all([chart(mine), facets(mine)]);
  } catch (error) {
    if (mine !== generation) return;
    byId("end").textContent = "";
    problem(error);
  }
}

function ended() {
  byId("end").textContent = next ? "" : records.children.length
    ? "That is all in this range." : "Nothing matches in this range.\nTry a longer time range or fewer words.";
}

function append(list) {
  for (const record of list) {
    if (!records.querySelector(`[data-id="${CSS.escape(record.id)}"]`)) records.append(rendered(record, words));
  }
}

async function more() {
  if (!next || loading) return;
  loading = true;
  const mine = generation;
  try {
    const page = await ask("api/logs", { query: state.q, limit: PAGE, cursor: next, ...times() });
    if (mine === generation) { append(page.records); next = page.next; ended(); }
  } catch (error) { problem(error); } finally { loading = false; }
}

// Over time

const BANDS = ["fatal", "error", "warn", "info", "debug", "trace", "unset"];

async function chart(mine) {
  const answer = await ask("api/histogram", { query: state.q, by: "severity", ...times() });
  if (mine !== generation) return;
  const top = Math.max(1, ...answer.buckets.map(bucket => bucket.total));
  const bars = answer.buckets.map(bucket => {
    const bar = element("div", "bar");
    const start = Date.parse(bucket.time);
    bar.dataset.start = bucket.time;
    bar.dataset.end = new Date(start + answer.intervalSeconds * 1000).toISOString();
    const parts = BANDS.filter(band => bucket[band]).map(band => `${band} ${bucket[band]}`);
    bar.title = `${new Date(start).toLocaleString()}\n${bucket.total} records${parts.length ? "\n" + parts.join("\n") : ""}`;
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 1 100");
    svg.setAttribute("preserveAspectRatio", "none");
    let y = 100;
    for (const band of BANDS) {
      if (!bucket[band]) continue;
      const height = Math.max(1.5, bucket[band] / top * 98);
      const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      y -= height;
      rect.setAttribute("x", "0"); rect.setAttribute("width", "1");
      rect.setAttribute("y", String(y)); rect.setAttribute("height", String(height));
      rect.setAttribute("class", `f-${band}`);
      svg.append(rect);
    }
    bar.append(svg);
    return bar;
  });
  byId("bars").replaceChildren(...bars);
  byId("axis-from").textContent = new Date(answer.from).toLocaleString();
  byId("axis-to").textContent = new Date(answer.to).toLocaleString();
  byId("total").textContent = `${answer.total.toLocaleString()} ${answer.total === 1 ? "record" : "records"}, one bar = ${span(answer.intervalSeconds)}`;
}

function span(seconds) {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${seconds / 60} min`;
  return seconds < 86400 ? `${seconds / 3600} h` : `${seconds / 86400} d`;
}

let dragFrom = null;
byId("bars").addEventListener("pointerdown", event => { dragFrom = event.target.closest(".bar"); });
byId("bars").addEventListener("pointermove", event => {
  const over = event.target.closest(".bar");
  if (!dragFrom || !over) return;
  const [a, b] = [dragFrom, over].sort((x, y) => x.dataset.start < y.dataset.start ? -1 : 1);
  for (const bar of byId("bars").children) {
    bar.classList.toggle("chosen", bar.dataset.start >= a.dataset.start && bar.dataset.start <= b.dataset.start);
  }
});
addEventListener("pointerup", event => {
  const to = event.target.closest?.(".bar");
  if (dragFrom && to) {
    const [a, b] = [dragFrom, to].sort((x, y) => x.dataset.start < y.dataset.start ? -1 : 1);
    go({ from: a.dataset.start, to: b.dataset.end, live: false, id: "" });
  }
  dragFrom = null;
});

// Filters

function quote(value) {
  return `"${value.replace(/["\\]/g, "\\$&").replace(/\n/g, "\\n").replace(/\t/g, "\\t")}"`;
}

function term(field, value) {
  const name = /^[\w.@-]+$/.test(field) ? field : quote(field);
  return field === "severity" ? `severity:${value}` : `${name}:=${quote(value)}`;
}

function filter(field, value, without) {
  const wanted = (without ? "NOT " : "") + term(field, value);
  const bare = state.q.trim();
  if (!without && bare.includes(wanted)) {
    go({ q: bare.replace(wanted, "").replace(/^\s*AND\s+|\s+AND\s*$/g, "").replace(/\s+AND\s+AND\s+/g, " AND ").trim(), id: "" });
  } else {
    const old = / OR |\|\|/.test(bare) ? `(${bare})` : bare;
    go({ q: old ? `${old} AND ${wanted}` : wanted, id: "" });
  }
}

// A path's end tells files apart; where two folders have a file of the same name, the whole path does.
function fileName(path, all) {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return all.filter(({ value }) => value.endsWith(`/${name}`)).length > 1 ? path : name;
}

async function facets(mine) {
  const fields = { severities: "severity", services: "service.name", files: "log.file.path", loggers: "logger" };
  const answer = await ask("api/facets", { query: state.q, fields: Object.values(fields).join(","), ...times() });
  if (mine !== generation) return;
  for (const [id, field] of Object.entries(fields)) {
    const entries = answer.fields[field].slice(0, 12).map(({ value, count }) => {
      const item = element("li");
      const button = element("button");
      button.type = "button";
      const shown = field === "log.file.path" ? fileName(value, answer.fields[field]) : value;
      const name = element("span", "name", clean(shown) || "(empty)");
      if (field === "severity") name.classList.add(`s-${value.toLowerCase()}`);
      button.title = clean(value);
      button.setAttribute("aria-pressed", String(state.q.includes(term(field, value))));
      button.append(name, element("span", "count", count.toLocaleString()));
      button.addEventListener("click", () => filter(field, value, false));
      item.append(button);
      return item;
    });
    byId(id).replaceChildren(...(entries.length ? entries : [element("li", "none", "none")]));
  }
}

// Live

function startTail(mine, cursor) {
  stream = new EventSource(`api/tail?${new URLSearchParams({ query: state.q, ...(cursor && { cursor }) })}`);
  stream.addEventListener("record", event => {
    cursor = event.lastEventId;
    if (mine === generation) arrived(JSON.parse(event.data));
  });
  stream.addEventListener("position", event => { cursor = event.lastEventId; });
  stream.addEventListener("error", () => {
    // The browser comes again by itself unless it was refused: then asking says why, or asks for a login.
    if (mine !== generation || stream.readyState !== EventSource.CLOSED) return;
    ask("api/session", {}).then(() => problem(null), problem);
    setTimeout(() => { if (mine === generation) startTail(mine, cursor); }, 5000);
  });
  stream.addEventListener("gap", () => {
    records.prepend(element("div", "gap", "Records in between are not kept any more."));
  });
}

function stopTail() {
  if (stream) stream.close();
  stream = null;
}

function arrived(record) {
  const reading = scroller.scrollTop > 20;
  const height = scroller.scrollHeight;
  if (records.querySelector(`[data-id="${CSS.escape(record.id)}"]`)) return;
  records.prepend(rendered(record, words));
  if (reading) {
    // What the reader looks at must not move.
    scroller.scrollTop += scroller.scrollHeight - height;
    unseen++;
    byId("new").textContent = `↑ ${unseen} new`;
    byId("new").hidden = false;
  }
  while (records.children.length > MOST_ROWS) {
    records.lastChild.remove();
    next = null;
  }
}

byId("new").addEventListener("click", () => { scroller.scrollTop = 0; });
scroller.addEventListener("scroll", () => {
  if (scroller.scrollTop <= 20 && unseen) { unseen = 0; byId("new").hidden = true; }
  if (scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 800) more();
});

// One record

function pick(row, open) {
  if (!row) return;
  picked?.classList.remove("picked");
  picked = row;
  row.classList.add("picked");
  row.scrollIntoView({ block: "nearest" });
  if (open) toggle(row);
}

function toggle(row) {
  const shown = row.querySelector(".details");
  if (shown) shown.remove();
  else row.append(details(row.record, { filter, around }));
}

function openById(id) {
  const row = records.querySelector(`[data-id="${CSS.escape(id)}"]`);
  if (row) { pick(row, true); row.scrollIntoView({ block: "start" }); scroller.scrollTop -= 60; }
  else around({ id });
}

async function around(record) {
  try {
    const answer = await ask("api/context", { id: record.id, before: 20, after: 20 });
    ++generation;
    stopTail();
    next = null;
    records.replaceChildren(...answer.records.toReversed().map(one => {
      const row = rendered(one, words);
      row.classList.add("around");
      return row;
    }));
    byId("end").textContent = "Around one record, in its source. Esc goes back.";
    const row = records.querySelector(`[data-id="${CSS.escape(record.id)}"]`);
    pick(row, false);
    row?.scrollIntoView({ block: "center" });
  } catch (error) { problem(error); }
}

records.addEventListener("click", event => {
  const row = event.target.closest(".record");
  if (!row || event.target.closest(".details") || String(getSelection())) return;
  pick(row, true);
  const params = new URLSearchParams(location.hash.slice(1));
  params.set("id", row.dataset.id);
  state.id = row.dataset.id;
  history.replaceState(null, "", "#" + params);
});

// Controls

byId("search").addEventListener("submit", event => {
  event.preventDefault();
  go({ q: byId("query").value.trim(), id: "" });
  scroller.focus();
});
byId("range").addEventListener("change", event => go({ range: event.target.value, from: "", to: "", id: "" }));
byId("tail").addEventListener("click", () => live());
byId("wrap").addEventListener("click", () => wrap());
byId("help").addEventListener("click", () => byId("keys").showModal());
byId("theme").addEventListener("click", () => {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = document.documentElement.dataset.theme || (dark ? "dark" : "light");
  theme(now === "dark" ? "light" : "dark");
});

function theme(name) {
  document.documentElement.dataset.theme = name;
  try { localStorage.setItem("theme", name); } catch { /* not kept */ }
}

function live() {
  go({ live: !state.live, from: "", to: "", id: "" });
}

function wrap() {
  const off = document.body.classList.toggle("nowrap");
  byId("wrap").setAttribute("aria-pressed", String(!off));
}

function step(by) {
  const rows = [...records.querySelectorAll(".record")];
  pick(rows[picked ? Math.min(rows.length - 1, Math.max(0, rows.indexOf(picked) + by)) : 0], false);
}

function error(by) {
  const rows = [...records.querySelectorAll(".record")];
  for (let i = (picked ? rows.indexOf(picked) : -1) + by; i >= 0 && i < rows.length; i += by) {
    if (rows[i].matches(".error, .fatal")) { pick(rows[i], false); return; }
  }
}

addEventListener("keydown", event => {
  if (event.target.closest("input, select, dialog") || event.ctrlKey || event.metaKey || event.altKey) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const keys = {
    "/": () => { byId("query").focus(); byId("query").select(); },
    j: () => step(1), k: () => step(-1), e: () => error(1), E: () => error(-1), t: live, w: wrap,
    g: () => { scroller.scrollTop = 0; }, x: () => picked && around(picked.record), "?": () => byId("keys").showModal(),
    Enter: () => picked && toggle(picked), Escape: () => { state.id = ""; go({ id: "" }); },
  };
  const action = keys[event.key];
  if (action && !(event.key === "Enter" && event.target.closest("button"))) {
    event.preventDefault();
    action();
  }
});

addEventListener("popstate", () => { fromUrl(); show(); });
try { const kept = localStorage.getItem("theme"); if (kept) theme(kept); } catch { /* none */ }
fromUrl();
showSession();
show();
