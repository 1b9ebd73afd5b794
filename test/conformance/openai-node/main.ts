// openai-node's own tests, directly against their mock and through Sworn: `npm run test:openai-node -- PATH`, the path of a
// checkout. Ends with 1 when a test that passes directly fails through Sworn for anything but a route that Sworn refuses.
import { startSworn } from '../sworn.ts';
import { compareRuns } from './compare.ts';
import { startForwarder } from './forwarder.ts';
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
  const mock = ends.adopt(await startMock(checkout.description), (mock) => mock.close());
  const plain = ends.adopt(await startForwarder(mock.baseUrl), (forwarder) => forwarder.close());
  const direct = await runSuite(checkout, plain.baseUrl);
  const upstream = { baseUrl: mock.baseUrl, credential: 'sk-of-the-mock' };
  const sworn = ends.adopt(await startSworn(upstream), (stack) => stack.close());
  const token = () => sworn.token({ user: 'clinician' });
  const swapping = ends.adopt(await startForwarder(sworn.dataPlaneUrl, token), (forwarder) =>
    forwarder.close(),
  );
  const through = await runSuite(checkout, swapping.baseUrl);
  const comparisons = compareRuns(direct, through, swapping.calls);
  process.stdout.write(
    `openai-node ${checkout.version}, ${checkout.commit}\n\n${formatReport(comparisons)}\n`,
  );
  const faults = comparisons.filter(({ verdict }) => verdict === 'different').length;
  // A suite of which nothing runs proves nothing.
  return faults === 0 && comparisons.some(({ verdict }) => verdict === 'same') ? 0 : 1;
}
