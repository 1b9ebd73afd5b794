// Runs inside the suite's own process, before each of its files: every request says which test sends it.
const send = globalThis.fetch;

globalThis.fetch = (url, init = {}) => {
  const { currentTestName = '', testPath = '' } = expect.getState();
  const headers = new Headers(init.headers);
  headers.set('x-test', encodeURIComponent(`${testPath}\n${currentTestName}`));
  return send(url, { ...init, headers });
};
