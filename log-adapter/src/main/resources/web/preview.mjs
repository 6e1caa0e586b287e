// Log content is shown by textContent only: it is never markup here.
const files = document.getElementById('files');
const records = document.getElementById('records');
const title = document.getElementById('preview-title');
const dialect = document.getElementById('dialect');
let chosen = new URLSearchParams(location.search).get('path') ?? '';
const severities = ['', 'trace', 'debug', 'info', 'warn', 'error', 'fatal'];

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function bytes(n) {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let i = 0;
  while (n >= 1024 && i < units.length - 1) { n /= 1024; i++; }
  return `${i ? n.toFixed(1) : n} ${units[i]}`;
}

async function loadFiles() {
  const list = await (await fetch('/files')).json();
  const focused = document.activeElement?.dataset?.path;
  files.replaceChildren(...list.map((file) => {
    const item = element('li');
    const button = element('button');
    button.dataset.path = file.path;
    button.setAttribute('role', 'option');
    button.setAttribute('aria-selected', String(file.path === chosen));
    button.append(
      element('span', file.path.split('/').pop(), 'name'),
      element('span', `${file.dialect || 'not looked at yet'} · ${bytes(file.size)} · ${file.records} records`
        + (file.lagBytes ? ` · ${bytes(file.lagBytes)} behind` : '')
        + (file.copy ? ' · held back as a copy' : ''), 'facts'));
    button.addEventListener('click', () => choose(file.path));
    item.append(button);
    return item;
  }));
  if (focused) [...files.querySelectorAll('button')].find((b) => b.dataset.path === focused)?.focus();
  if (!chosen && list.length) choose(list[0].path);
}

function time(nanos) {
  if (nanos === '0') return '';
  const millis = BigInt(nanos) / 1000000n;
  return new Date(Number(millis)).toISOString();
}

function fact(into, name, value, className) {
  if (value === undefined || value === '') return;
  into.append(element('dt', name), element('dd', String(value), className));
}

function show(entry) {
  const known = entry.record.recognised;
  const row = element('article', undefined, known ? 'record' : 'record unknown');
  const parsed = element('dl');
  const r = entry.record;
  if (!known) fact(parsed, 'unknown', 'kept as it is');
  fact(parsed, 'time', time(r.time_unix_nano));
  const severity = severities[r.severity_number ? Math.floor((r.severity_number - 1) / 4) + 1 : 0];
  if (severity) fact(parsed, 'severity', `${r.severity_number} ${r.severity_text ?? ''}`, `sev ${severity}`);
  fact(parsed, 'logger', r.scope);
  fact(parsed, 'body', r.body, 'body');
  fact(parsed, 'trace', r.trace_id);
  for (const [name, value] of Object.entries(r.attributes)) fact(parsed, name, value);
  row.append(element('pre', entry.raw), parsed);
  return row;
}

async function choose(path) {
  chosen = path;
  history.replaceState(null, '', `?path=${encodeURIComponent(path)}`);
  for (const button of files.querySelectorAll('button')) {
    button.setAttribute('aria-selected', String(button.dataset.path === path));
  }
  const answer = await fetch(`/api/preview?path=${encodeURIComponent(path)}&limit=100`);
  if (!answer.ok) { title.textContent = `${path}: ${answer.status}`; records.replaceChildren(); return; }
  const preview = await answer.json();
  title.textContent = preview.path;
  dialect.replaceChildren(`Recognised as ${preview.dialect}, confidence ${Math.round(preview.confidence * 100)} %: `, element('code', preview.layout));
  const newestFirst = preview.records.reverse();
  records.replaceChildren(
    ...newestFirst.filter((e) => !e.record.recognised).map(show),
    ...newestFirst.filter((e) => e.record.recognised).map(show));
}

await loadFiles();
if (chosen) choose(chosen);
setInterval(loadFiles, 3000);
