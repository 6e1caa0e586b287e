// Reads /routes every two seconds and shows it. Only textContent: nothing that is read becomes markup.
const make = (tag, text, className) => {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  return element;
};

const bytes = (count) => {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (count >= 1000 && unit < units.length - 1) { count /= 1000; unit++; }
  return `${unit === 0 ? count : count.toFixed(1)} ${units[unit]}`;
};

const card = (route) => {
  const article = make('article');
  const title = make('h2', route.name);
  title.append(make('span', route.state, `state ${route.state}`));
  const path = make('p', undefined, 'path');
  path.append(route.listen, make('span', `  ${route.protocol} → `), route.upstream,
      make('span', route.tls === 'disable' ? '  plain' : `  TLS ${route.tls}`));
  const list = make('dl');
  const word = route.protocol === 'http' ? 'Requests' : 'Sessions';
  const entries = [
    [`${word} open`, route.sessionsOpen], [`${word} in all`, route.sessionsTotal],
    ['Connected', route.connectedTotal],
    [route.protocol === 'http' ? 'Mean first byte' : 'Mean login', `${route.loginMillisMean} ms`],
    ['Up', bytes(route.bytesUp)], ['Down', bytes(route.bytesDown)],
    ['Failures', Object.values(route.failures).reduce((a, b) => a + b, 0)],
  ];
  for (const [name, value] of entries) {
    const group = make('div');
    group.append(make('dt', name), make('dd', value));
    list.append(group);
  }
  article.append(title, path, list);
  if (route.lastFailure) {
    const at = new Date(route.lastFailure.at).toLocaleString();
    article.append(make('p', `Last failure, ${at}: ${route.lastFailure.message}`,
        route.state === 'failing' ? 'failure now' : 'failure'));
  }
  return article;
};

const show = ({ configuration, routes }) => {
  const loaded = new Date(configuration.loadedAt).toLocaleString();
  document.querySelector('#configuration').textContent =
      `Configuration ${configuration.generation}, loaded ${loaded}, ${routes.length} ${routes.length === 1 ? 'route' : 'routes'}`;
  const mistakes = document.querySelector('#mistakes');
  mistakes.hidden = configuration.mistakes.length === 0;
  mistakes.replaceChildren(make('h2', 'A newer configuration was refused; the one below serves on'));
  const list = make('ul');
  for (const mistake of configuration.mistakes) {
    const item = make('li');
    item.append(make('code', mistake.key), `: ${mistake.value ? `'${mistake.value}' ` : ''}${mistake.fix}`);
    list.append(item);
  }
  mistakes.append(list);
  document.querySelector('#routes').replaceChildren(...routes.map(card));
};

const refresh = async () => {
  try {
    const answer = await fetch('routes', { cache: 'no-store' });
    show(await answer.json());
  } catch {
    document.querySelector('#configuration').textContent = 'The ambassador does not answer.';
  }
  setTimeout(refresh, 2000);
};
refresh();
