// The order desk's page. Asks the API every few seconds; everything it shows goes in as text.

const REFRESH_MS = 3000;
const GIVE_UP_MS = 8000;
const SHOWN = 20;
const STATES = { PAID: 'paid', SHIPPED: 'shipped', DECLINED: 'declined', OUT_OF_STOCK: 'out of stock' };

const $ = (id) => document.getElementById(id);
const items = new Map();
let rates = { EUR: 1 };
let known = null; // numbers on the page; null before the first list

/** Resolves to {status, body}; status 0 when the application itself does not answer. */
async function ask(path, options = {}) {
  try {
    const answer = await fetch(path, { ...options, signal: AbortSignal.timeout(GIVE_UP_MS) });
    return { status: answer.status, body: await answer.json() };
  } catch {
    return { status: 0, body: { message: 'The order desk does not answer.' } };
  }
}

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function link(id, up, word) {
  const pill = $(id);
  if (pill.dataset.state === (up ? 'up' : 'down')) return;
  pill.dataset.state = up ? 'up' : 'down';
  pill.querySelector('b').textContent = word;
}

/** Shows, changes or removes the banner of that kind; touches nothing when it says the same. */
function banner(kind, title, text) {
  const there = $('banner-' + kind);
  if (!title) {
    there?.remove();
    return;
  }
  if (there?.dataset.text === title + text) return;
  const made = element('div', undefined, 'banner ' + kind);
  made.id = 'banner-' + kind;
  made.dataset.text = title + text;
  made.append(element('strong', title), element('span', text));
  if (there) there.replaceWith(made);
  else $('banners').append(made);
}

function money(amount, currency) {
  try {
    return new Intl.NumberFormat('en', { style: 'currency', currency }).format(amount);
  } catch {
    return currency + ' ' + Number(amount).toFixed(2);
  }
}

function time(iso) {
  const when = new Date(iso);
  const today = when.toDateString() === new Date().toDateString();
  return when.toLocaleTimeString('en-GB') + (today ? '' : ', ' + when.toLocaleDateString('en-GB'));
}

function row(order) {
  const made = element('tr');
  if (known && !known.has(order.number)) made.className = 'new';
  const state = element('td');
  state.append(element('span', STATES[order.state] ?? order.state, 'state ' + order.state));
  made.append(
    element('td', order.number),
    element('td', time(order.placedAt)),
    element('td', order.customer),
    element('td', items.get(order.sku)?.name ?? order.sku),
    element('td', order.quantity, 'number'),
    element('td', money(order.total, order.currency), 'number'),
    state);
  return made;
}

async function showOrders() {
  const filter = $('state').value;
  const { status, body } = await ask(`api/orders?limit=${SHOWN}${filter ? '&state=' + filter : ''}`);
  if (filter !== $('state').value) return; // another choice was made meanwhile
  const up = status === 200;
  link('database', up, up ? 'connected' : 'unreachable');
  $('rows').classList.toggle('stale', !up);
  if (!up) {
    banner('database',
      status === 503 ? 'The orders database cannot be reached.' : 'The orders cannot be read.',
      status === 503 ? 'Orders cannot be placed at the moment; the list shows what was known last. We keep trying.' : body.message);
    if (known === null) $('empty').textContent = 'No orders to show.';
    return;
  }
  banner('database');
  $('rows').replaceChildren(...body.orders.map(row));
  known = new Set(body.orders.map((order) => order.number));
  $('empty').textContent = body.orders.length ? '' : 'No orders yet. Place the first one.';
  for (const tile of $('counts').children) {
    tile.querySelector('dd').textContent = Number(body.counts[tile.dataset.state] ?? 0).toLocaleString('en');
  }
}

async function showRates() {
  const { status, body } = await ask('api/rates');
  const up = status === 200;
  const shown = up ? body : body.last;
  link('partner', up, up ? 'up to date' : 'unreachable');
  banner('partner', up ? '' : 'Exchange rates cannot be read.',
    shown ? `The rates of ${time(shown.readAt)} are used until the partner answers again.` : 'Orders are taken in euro only. ' + capital(body.message ?? '') + '.');
  $('rates-note').textContent = shown ? `One euro buys · ${shown.date} · read ${time(shown.readAt)}` : 'None known yet.';
  if (!shown) return;
  rates = { EUR: 1, ...shown.rates };
  $('rates').replaceChildren(...Object.entries(shown.rates).map(([currency, rate]) => {
    const made = element('tr');
    const head = element('th', currency);
    head.scope = 'row';
    made.append(head, element('td', Number(rate).toFixed(4)));
    return made;
  }));
  choices($('currency'), Object.keys(rates).map((currency) => [currency, currency]));
  showTotal();
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Gives a select its options, if they differ from those it has, and keeps what is chosen. */
function choices(select, options) {
  if ([...select.options].map((o) => o.textContent).join() === options.map(([, text]) => text).join()) return;
  const chosen = select.value;
  select.replaceChildren(...options.map(([value, text]) => {
    const made = element('option', text);
    made.value = value;
    return made;
  }));
  if (options.some(([value]) => value === chosen)) select.value = chosen;
}

async function showItems() {
  const { status, body } = await ask('api/items');
  if (status !== 200) return;
  body.forEach((item) => items.set(item.sku, item));
  choices($('sku'), body.map((item) => [item.sku, `${item.name}, ${item.unit}`]));
  showTotal();
}

function showTotal() {
  const item = items.get($('sku').value);
  const pieces = Number($('quantity').value);
  const rate = rates[$('currency').value];
  const sound = item && rate && Number.isInteger(pieces) && pieces > 0;
  $('total').textContent = sound ? money(item.priceEur * pieces * rate, $('currency').value) : '–';
}

function mistakes(fields) {
  for (const name of ['customer', 'sku', 'quantity', 'currency']) {
    $(name + '-mistake').textContent = fields[name] ?? '';
    $(name).toggleAttribute('aria-invalid', name in fields);
    if (name in fields) $(name).setAttribute('aria-invalid', 'true');
  }
  const first = ['customer', 'sku', 'quantity', 'currency'].find((name) => name in fields);
  if (first) $(first).focus();
}

async function place(event) {
  event.preventDefault();
  const button = $('order').querySelector('button');
  button.disabled = true;
  const { status, body } = await ask('api/orders', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      customer: $('customer').value,
      sku: $('sku').value,
      quantity: Math.trunc(Number($('quantity').value)) || 0,
      currency: $('currency').value,
    }),
  });
  button.disabled = false;
  mistakes(body.fields ?? {});
  const placed = $('placed');
  placed.classList.toggle('failed', status !== 201);
  placed.textContent = status === 201
    ? `Order ${body.number} is paid: ${money(body.total, body.currency)}. Thank you.`
    : body.message ?? 'The order could not be placed.';
  if (status === 201) $('quantity').value = 1;
  showItems();
  showOrders();
}

/** One after another, so that a slow answer never piles up requests. */
async function forever(show) {
  for (;;) {
    if (!document.hidden) await show();
    await new Promise((resolve) => setTimeout(resolve, REFRESH_MS));
  }
}

$('order').addEventListener('submit', place);
$('order').addEventListener('input', showTotal);
$('state').addEventListener('change', showOrders);
await showItems();
forever(showOrders);
forever(showRates);
