// What node's pg does with a session; prints "<step> ok" or what went wrong.
const { Client, Pool } = require('pg');
const step = async (name, work) => {
  try { await work(); console.log(name, 'ok'); } catch (error) { console.log(name, 'failed', error.code, error.message); }
};
const same = (a, b) => { if (JSON.stringify(a) !== JSON.stringify(b)) throw new Error(`${JSON.stringify(a)} is not ${JSON.stringify(b)}`); };
(async () => {
  const client = new Client({ application_name: 'legacy', options: '-c work_mem=3MB' });
  await step('connect', () => client.connect());
  await step('startup parameters', async () => {
    same((await client.query("select current_setting('work_mem') w, current_setting('application_name') a")).rows, [{ w: '3MB', a: 'legacy' }]);
  });
  await step('types', async () => {
    const row = { i: 7, t: 'ä€😀', b: true, j: { a: [1, null] }, n: null };
    const got = await client.query('select $1::int i, $2::text t, $3::bool b, $4::json j, $5::text n', [7, row.t, true, row.j, null]);
    same(got.rows[0], row);
  });
  await step('bytea of 16 MB', async () => {
    const bytes = Buffer.alloc(16 << 20, 'pillion');
    same((await client.query('select $1::bytea b', [bytes])).rows[0].b.equals(bytes), true);
  });
  await step('named statement', async () => {
    for (let i = 0; i < 100; i++) same((await client.query({ name: 'twice', text: 'select $1::int * 2 d', values: [i] })).rows[0].d, 2 * i);
  });
  await step('error inside a transaction', async () => {
    await client.query('begin');
    let code; try { await client.query('select 1/0'); } catch (error) { code = error.code; }
    same(code, '22012');
    try { await client.query('select 1'); } catch (error) { code = error.code; }
    same(code, '25P02');
    await client.query('rollback');
    same((await client.query('select 1 x')).rows, [{ x: 1 }]);
  });
  await step('listen and notify', async () => {
    const heard = new Promise(resolve => client.once('notification', message => resolve(message.payload)));
    await client.query('listen news'); await client.query("select pg_notify('news', 'hello')");
    same(await heard, 'hello');
  });
  await step('notices', async () => {
    const heard = new Promise(resolve => client.once('notice', notice => resolve(notice.message)));
    await client.query("do $$ begin raise notice 'noted'; end $$");
    same(await heard, 'noted');
  });
  await step('temporary table', async () => {
    await client.query('create temp table t (n int)');
    await client.query('insert into t select generate_series(1, 10000)');
    same((await client.query('select sum(n)::int s from t')).rows[0].s, 50005000);
  });
  await step('end', () => client.end());
  await step('pool of 10, 500 queries', async () => {
    const pool = new Pool({ max: 10 });
    const all = await Promise.all(Array.from({ length: 500 }, (_, i) => pool.query('select $1::int n', [i])));
    same(all.reduce((sum, result) => sum + result.rows[0].n, 0), 124750);
    await pool.end();
  });
  await step('no such database', async () => {
    const lost = new Client({ database: 'no_such_database' });
    let code; try { await lost.connect(); } catch (error) { code = error.code; }
    same(code, '3D000');
  });
})();
