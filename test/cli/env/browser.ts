/**
 * A browser without a screen: follows redirects, keeps cookies, presses buttons. Enough for a person's part of the
 * device flow at the embedded provider.
 */
export class Browser {
  readonly #cookies = new Map<string, string>();
  #url = '';
  #page = '';

  /** Opens a page and ends up where the redirects lead. */
  async open(url: string, init: RequestInit = {}): Promise<string> {
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: {
        ...init.headers,
        cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      },
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === '') this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location !== null) return this.open(new URL(location, url).href);
    this.#url = url;
    this.#page = await response.text();
    return this.#page;
  }

  /** Submits the page's form with its hidden fields and these; `action` stands for the button's own. */
  async submit(fields: Record<string, string> = {}, action?: string): Promise<string> {
    const form = /<form[^>]*>/.exec(this.#page)?.[0] ?? '';
    const target = action ?? /action="([^"]*)"/.exec(form)?.[1] ?? '';
    const hidden = [...this.#page.matchAll(/<input[^>]*type="hidden"[^>]*>/g)].map(([input]) => [
      /name="([^"]*)"/.exec(input)?.[1] ?? '',
      /value="([^"]*)"/.exec(input)?.[1] ?? '',
    ]);
    return this.open(new URL(target, this.#url).href, {
      method: 'POST',
      body: new URLSearchParams({ ...Object.fromEntries(hidden), ...fields }),
    });
  }
}
