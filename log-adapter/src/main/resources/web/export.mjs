// Follows a file by asking for the bytes behind the last ones; shown as text only.
const files = document.getElementById('files');
const title = document.getElementById('title');
const tail = document.getElementById('tail');
const whole = document.getElementById('whole');
const WINDOW = 64 * 1024;
let followed = '';
let offset = 0;
let decoder = new TextDecoder();

async function list() {
  const found = await (await fetch('/files')).json();
  files.replaceChildren(...found.map((file) => {
    const name = file.path.split('/').pop();
    const item = document.createElement('li');
    const button = document.createElement('button');
    button.setAttribute('aria-selected', String(name === followed));
    const label = document.createElement('span');
    label.className = 'name';
    label.textContent = name;
    const facts = document.createElement('span');
    facts.className = 'facts';
    facts.textContent = `${file.size} bytes`;
    button.append(label, facts);
    button.addEventListener('click', () => follow(name, file.size));
    item.append(button);
    return item;
  }));
}

function follow(name, size) {
  followed = name;
  offset = Math.max(0, size - WINDOW);
  decoder = new TextDecoder();
  tail.textContent = '';
  title.textContent = name;
  whole.href = `/${encodeURIComponent(name)}`;
  whole.hidden = false;
  more();
}

async function more() {
  const name = followed;
  if (!name) return;
  const answer = await fetch(`/${encodeURIComponent(name)}`, { headers: { Range: `bytes=${offset}-` } });
  if (answer.status === 206) {
    const bytes = new Uint8Array(await answer.arrayBuffer());
    if (name !== followed) return;
    offset += bytes.length;
    const atEnd = tail.scrollTop + tail.clientHeight >= tail.scrollHeight - 8;
    tail.textContent = (tail.textContent + decoder.decode(bytes, { stream: true })).slice(-WINDOW);
    if (atEnd) tail.scrollTop = tail.scrollHeight;
  } else if (answer.status === 416) {
    const size = Number(answer.headers.get('Content-Range')?.split('/')[1] ?? offset);
    if (size < offset) offset = 0;
  }
}

await list();
setInterval(list, 3000);
setInterval(more, 1000);
