const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Whether a URL's host is this machine, where plain HTTP leaks nothing to a network. */
export function isLoopback(url: URL): boolean {
  return LOOPBACK.test(url.hostname);
}
