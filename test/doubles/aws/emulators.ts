import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { findFreePort } from '../../../src/dev/ports.ts';
import { waitUntil } from '../../../src/host/polling.ts';
import { obtainAwsEmulators } from '../../../tools/aws-emulators/obtain.ts';

/** From cold, on a machine that is busy with other tests. */
const START_MS = 60_000;
const STOP_MS = 5_000;
const STARTS_TO_TRY = 5;

/**
 * moto refuses the eleventh tag of a rule; AWS the fifty-first:
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 */
const WITH_FIFTY_TAGS = `
import moto.elbv2.models as elb
def add_tags(self, resource_arns, tags):
    for arn in resource_arns:
        keys = {*self.tagging_service.get_tag_dict_for_resource(arn), *(tag['Key'] for tag in tags)}
        if len(keys) > 50:
            raise elb.TooManyTagsError()
        self._get_resource_by_arn(arn)
        self.tagging_service.tag_resource(arn, tags)
elb.ELBv2Backend.add_tags = add_tags
`;

/**
 * What moto does for every request and every account, and nobody here needs: a line about it, a walk through its own folder
 * to see which services there are, a connection and a thread, and 1,300 more machine images than its list has.
 */
const WITHOUT_WASTE = `
import functools, os, moto.ec2.models.amis
# Read for each account: with a list that is said to be somebody's own, moto adds none to it.
os.environ['MOTO_AMIS_PATH'] = 'as read already'
from moto.moto_server.werkzeug_app import DomainDispatcherApplication as Dispatcher, MotoRequestHandler
Dispatcher.get_backend_for_host = functools.cache(Dispatcher.get_backend_for_host)
MotoRequestHandler.log_request = lambda *_: None
MotoRequestHandler.protocol_version = 'HTTP/1.1'
`;

/** Runs a module as `python -m` does, and ends when its standard input does: with a test process that was killed, too. */
const RUN = `
import os, runpy, sys, threading
threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)
`;

/** One emulator's process. */
export interface Emulator extends AsyncDisposable {
  url: string;
}

/** moto, for load balancing, EC2, Auto Scaling, IAM, STS and tagging. A process without state, on a port of its own. */
export async function startMoto(): Promise<Emulator> {
  const python = await obtainAwsEmulators();
  const child = spawn(
    python,
    ['-c', `${WITHOUT_WASTE}${WITH_FIFTY_TAGS}${RUN}`, 'moto.server', '-H', '127.0.0.1', '-p', '0'],
    {
      env: { ...process.env, PYTHONUNBUFFERED: '1' },
      stdio: ['pipe', 'ignore', 'pipe'],
    },
  );
  const stop = () => stopChild(child);
  const lines = createInterface({ input: child.stderr });
  const printed: string[] = [];
  const url = await new Promise<string | undefined>((resolve) => {
    lines.on('line', (line) => {
      const found = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
      // Only what may say why it did not start is of use.
      else if (printed.length < 50) printed.push(line);
    });
    child.once('exit', () => resolve(undefined));
    setTimeout(() => resolve(undefined), START_MS).unref();
  });
  if (url !== undefined) return { url, [Symbol.asyncDispose]: stop };
  await stop();
  throw new Error(`moto did not start:\n${printed.join('\n')}`);
}

/** MiniStack, for Lambda, ECS, CloudWatch, Secrets Manager and SSM. It takes no port 0: another one is tried where one is taken. */
export async function startMiniStack(): Promise<Emulator> {
  const python = await obtainAwsEmulators();
  for (let attempt = 1; ; attempt += 1) {
    const port = await findFreePort(0);
    const url = `http://127.0.0.1:${port}`;
    const child = spawn(python, ['-c', RUN, 'ministack'], {
      env: { ...process.env, BIND_HOST: '127.0.0.1', GATEWAY_PORT: String(port) },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const isRunning = () => child.exitCode === null && child.signalCode === null;
    const answers = () =>
      fetch(`${url}/_ministack/health`).then(
        ({ ok }) => ok,
        () => !isRunning(),
      );
    const answered = await waitUntil(START_MS, answers);
    if (answered && isRunning()) return { url, [Symbol.asyncDispose]: () => stopChild(child) };
    await stopChild(child);
    if (attempt === STARTS_TO_TRY) throw new Error(`MiniStack did not start on ${url}`);
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(timer);
}
