// openai-node's own tests, directly against their mock and through Sworn: `npm run test:openai-node -- PATH`, the path of a
// checkout. Ends with 1 when a test that passes directly fails through Sworn for anything but a route that Sworn refuses,
// or when a request or an answer came otherwise than it was sent.
import { startSworn } from '../sworn.ts';
import { findChanges, formatChanges } from './changes.ts';
import { compareRuns } from './compare.ts';
import { type Forwarder, startForwarder } from './forwarder.ts';
import { startMock } from './mock.ts';
import { formatReport } from './report.ts';
import { openCheckout, runSuite } from './suite.ts';

const [path] = process.argv.slice(2);
if (path === undefined) {
  process.stderr.write(
    'usage: npm run test:openai-node -- PATH: a checkout of openai-node with its packages\n',
  );
  process.exit(2);
}
process.exitCode = await main(path).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  return 2;
});

async function main(path: string): Promise<number> {
  const checkout = await openCheckout(path);
  await using ends = new AsyncDisposableStack();
  const forwardTo = async (url: string, token?: () => Promise<string>): Promise<Forwarder> =>
    ends.adopt(await startForwarder(url, token), (forwarder) => forwarder.close());
  const mock = ends.adopt(await startMock(checkout.description), (mock) => mock.close());
  const atMock = await forwardTo(mock.baseUrl);
  const direct = await runSuite(checkout, atMock.baseUrl);
  const before = atMock.calls.length;

  const upstream = { baseUrl: atMock.baseUrl, credential: 'sk-of-the-mock' };
  const sworn = ends.adopt(await startSworn(upstream), (stack) => stack.close());
  const atSuite = await forwardTo(sworn.dataPlaneUrl, () => sworn.token({ user: 'clinician' }));
  const through = await runSuite(checkout, atSuite.baseUrl);

  const comparisons = compareRuns(direct, through, atSuite.calls);
  const changes = findChanges(atMock.calls.slice(before), atSuite.calls);
  process.stdout.write(`openai-node ${checkout.version}, ${checkout.commit}\n\n`);
  process.stdout.write(`${formatReport(comparisons)}\n${formatChanges(changes)}\n`);
  const differences = comparisons.filter(({ verdict }) => verdict === 'different').length;
  // A suite of which nothing is answered proves nothing.
  return differences + changes.faults.length === 0 && changes.calls > 0 ? 0 : 1;
}
