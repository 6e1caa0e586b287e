// Follows a file by asking for the bytes behind the last ones; shown as text only.
const [files, none, title, tail, whole, state, filter, wrap, hold, facts] =
  ['files', 'none', 'title', 'tail', 'whole', 'state', 'filter', 'wrap', 'hold', 'facts'].map((id) => document.getElementById(id));
const WINDOW = 256 * 1024;
let followed = new URLSearchParams(location.search).get('file') ?? '';
let offset = 0;
let text = '';
let held = false;
let asking = false;
let decoder = new TextDecoder();

function bytes(n) {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let i = 0;
  while (n >= 1024 && i < units.length - 1) { n /= 1024; i++; }
  return `${i ? n.toFixed(1) : n} ${units[i]}`;
}

function say(word, className = '') {
  state.hidden = false;
  state.textContent = word;
  state.className = className;
}

async function list() {
  let found;
  try {
    found = await (await fetch('/files')).json();
  } catch {
    say('the exporter does not answer', 'lost');
    return;
  }
  const focused = document.activeElement?.dataset?.name;
  none.hidden = found.length > 0;
  files.replaceChildren(...found.map((file) => {
    const name = file.path.split('/').pop();
    const item = document.createElement('li');
    const button = document.createElement('button');
    button.dataset.name = name;
    if (name === followed) button.setAttribute('aria-current', 'true');
    for (const [className, label] of [['name', name], ['facts', bytes(file.size)]]) {
      const span = document.createElement('span');
      span.className = className;
      span.textContent = label;
      button.append(span);
    }
    button.addEventListener('click', () => follow(name, file.size));
    item.append(button);
    return item;
  }));
  if (focused) [...files.querySelectorAll('button')].find((b) => b.dataset.name === focused)?.focus();
  const first = found.find((file) => file.path.split('/').pop() === followed) ?? (followed ? undefined : found[0]);
  if (title.textContent !== followed && first) follow(first.path.split('/').pop(), first.size);
}

function follow(name, size) {
  followed = name;
  offset = Math.max(0, size - WINDOW);
  decoder = new TextDecoder();
  text = '';
  title.textContent = name;
  document.title = `${name} · log exporter`;
  history.replaceState(null, '', `?file=${encodeURIComponent(name)}`);
  whole.href = `/${encodeURIComponent(name)}`;
  whole.hidden = false;
  pause(false);
  for (const button of files.querySelectorAll('button')) button.toggleAttribute('aria-current', button.dataset.name === name);
  more();
}

function pause(on) {
  held = on;
  hold.textContent = on ? 'Follow' : 'Pause';
  hold.setAttribute('aria-pressed', String(on));
  say(on ? 'paused' : 'following', on ? 'held' : '');
}

function show() {
  const atEnd = tail.scrollTop + tail.clientHeight >= tail.scrollHeight - 8;
  const wanted = filter.value.toLowerCase();
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop(); // what follows the last line end is no line yet
  const shown = wanted ? lines.filter((line) => line.toLowerCase().includes(wanted)) : lines;
  tail.textContent = shown.join('\n');
  facts.textContent = `${wanted ? `${shown.length} of ` : ''}${lines.length} lines${offset > WINDOW ? ` of the last ${bytes(WINDOW)}` : ''}, up to byte ${offset.toLocaleString('en')}`;
  if (atEnd || !held && !wanted) tail.scrollTop = tail.scrollHeight;
}

async function more() {
  const name = followed;
  if (!name || held || asking) return;
  asking = true;
  try {
    const answer = await fetch(`/${encodeURIComponent(name)}`, { headers: { Range: `bytes=${offset}-${offset + 4 * WINDOW - 1}` } });
    if (answer.status === 206) {
      const part = new Uint8Array(await answer.arrayBuffer());
      if (name !== followed) return;
      offset += part.length;
      text = (text + decoder.decode(part, { stream: true })).slice(-WINDOW);
      show();
    } else if (answer.status === 416) {
      const size = Number(answer.headers.get('Content-Range')?.split('/')[1] ?? offset);
      if (size < offset) { offset = 0; text = ''; decoder = new TextDecoder(); } // truncated: it begins anew
    } else {
      say(answer.status === 404 ? 'the file is gone' : `answered ${answer.status}`, 'lost');
      return;
    }
    if (!held) say('following');
  } catch {
    say('the exporter does not answer', 'lost');
  } finally {
    asking = false;
  }
}

filter.addEventListener('input', show);
wrap.addEventListener('change', () => tail.classList.toggle('wrap', wrap.checked));
hold.addEventListener('click', () => { pause(!held); more(); });

await list();
setInterval(list, 3000);
setInterval(more, 1000);
