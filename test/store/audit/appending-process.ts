import { once } from 'node:events';
import { openStore } from '../../../src/store/store.ts';

/*
 * Says that it is ready, waits for a line, then opens a store and appends to it until it has appended as often as asked, or is killed. Says each key once its append has returned.
 * Every other key is shared with all processes that run this.
 *
 * node appending-process.ts PATH NAME COUNT
 */
const [path = '', name = '', count = ''] = process.argv.slice(2);
process.stdout.write('ready\n');
await once(process.stdin, 'data');
process.stdin.destroy();
const { audit, close } = await openStore(path);
for (let number = 1; number <= Number(count); number += 1) {
  const key = number % 2 === 0 ? `shared/${number}` : `${name}/${number}`;
  const event = await audit.append({
    key,
    type: 'test.appended',
    subject: 'web/production',
    actor: 'test',
    data: { number },
  });
  process.stdout.write(`${event.key} ${event.seq}\n`);
}
await close();
