import { describe, expect, it } from 'vitest';
import { readRequest } from '#core/provider/openai/request/request.ts';
import { RequestError } from '#core/provider/openai/request/request-error.ts';
import { readTarget, type Target } from '#core/provider/openai/request/target.ts';

const pathOf = (method: string, target: string) => readTarget(method, target)?.path;

describe('the path for the provider is made anew', () => {
  it.each([
    ['POST', '/v1/responses', '/responses'],
    ['POST', '/responses?', '/responses'],
    ['GET', '/v1/responses/resp_1', '/responses/resp_1'],
    ['GET', '/v1/models/ft:gpt-4o:a::b', '/models/ft%3Agpt-4o%3Aa%3A%3Ab'],
    ['GET', '/v1/responses/r?stream=true&starting_after=7', '/responses/r?stream=true'],
    [
      'GET',
      '/v1/responses/r?include[]=reasoning.encrypted_content&include%5B%5D=file_search_call.results',
      '/responses/r?include%5B%5D=reasoning.encrypted_content&include%5B%5D=file_search_call.results',
    ],
    [
      'GET',
      '/v1/responses/r/input_items?limit=20&order=asc&after=m',
      '/responses/r/input_items?limit=20&order=asc&after=m',
    ],
    [
      'GET',
      '/v1/chat/completions?metadata%5Ba+b%5D=x%2By%26z%20w&metadata[c]=d',
      '/chat/completions?metadata%5Ba%20b%5D=x%2By%26z%20w&metadata%5Bc%5D=d',
    ],
  ])('%s %s', (method, target, path) => {
    expect(pathOf(method, target)).toBe(path);
  });
});

describe('a query is refused', () => {
  it.each([
    ['that the route does not take', 'POST', '/responses?stream=true'],
    ['that no route takes', 'GET', '/responses/r?secret=1'],
    ['with a name of every object', 'GET', '/responses/r?__proto__=1'],
    ['with a name of every object, read another way', 'GET', '/responses/r?constructor=1'],
    ['with a parameter twice', 'GET', '/responses/r?stream=true&stream=true'],
    ['with a parameter twice, written differently', 'GET', '/responses/r?stream=true&strea%6D=false'],
    [
      'with an include twice',
      'GET',
      `/responses/r?include[]=web_search_call.results&include[]=web_search_call.results`,
    ],
    ['with an include that is unknown', 'GET', '/responses/r?include[]=john.smith'],
    ['with an include of another form', 'GET', '/responses/r?include=web_search_call.results'],
    ['with an include by number', 'GET', '/responses/r?include[0]=web_search_call.results'],
    ['with another case', 'GET', '/responses/r?Stream=true'],
    ['with a value of another form', 'GET', '/responses/r?stream=1'],
    ['without a value', 'GET', '/responses/r?stream'],
    ['with nothing between two parameters', 'GET', '/responses/r?stream=true&&include_obfuscation=true'],
    ['with an end that goes on', 'GET', '/responses/r?stream=true&'],
    ['with a semicolon', 'GET', '/responses/r?stream=true;x=1'],
    ['with a second question mark', 'GET', '/responses/r?stream=true?x=1'],
    ['with a number that is none', 'GET', '/responses/r?stream=true&starting_after=-1'],
    ['with a start but no stream', 'GET', '/responses/r?starting_after=1'],
    ['with an id that leads elsewhere', 'GET', '/responses/r/input_items?after=..%2F..%2Ffiles'],
    ['with an id that is too long', 'GET', `/responses/r/input_items?after=${'a'.repeat(129)}`],
    ['with a limit that is too long', 'GET', '/responses/r/input_items?limit=99999'],
    ['with a model that is none', 'GET', '/chat/completions?model=a/b'],
    ['with metadata but no key', 'GET', '/chat/completions?metadata=x'],
    ['with metadata and an empty key', 'GET', '/chat/completions?metadata[]=x'],
    ['with metadata in metadata', 'GET', '/chat/completions?metadata[a][b]=x'],
    ['with metadata that is too long', 'GET', `/chat/completions?metadata[a]=${'x'.repeat(513)}`],
    [
      'with too many parameters',
      'GET',
      `/chat/completions?${Array.from({ length: 51 }, (_, i) => `metadata[a${i}]=x`).join('&')}`,
    ],
    ['that is no UTF-8', 'GET', '/chat/completions?metadata[a]=%ff'],
    ['that is no percent-encoding', 'GET', '/chat/completions?metadata[a]=%2'],
    ['that is not ASCII', 'GET', '/chat/completions?metadata[a]=ä'],
  ])('%s', (_what, method, target) => {
    expect(() => readTarget(method, target)).toThrow(RequestError);
  });

  it('in words that quote nothing of it', () => {
    expect(() => readTarget('GET', '/responses/r?john_smith=1')).toThrow(
      'responses.retrieve does not take this query: it takes include[], include_obfuscation, starting_after, stream, beta.',
    );
  });
});

describe('readRequest takes from path and query', () => {
  const read = (method: string, target: string) =>
    readRequest(readTarget(method, target) as Target, new Uint8Array());

  it('the model, that policies judge by', () => {
    expect(read('GET', '/models/gpt-4o').model).toBe('gpt-4o');
    expect(read('GET', '/chat/completions?model=gpt-4o').model).toBe('gpt-4o');
  });

  it('whether a stream is asked for', () => {
    expect(read('GET', '/responses/r?stream=true').stream).toBe(true);
    expect(read('GET', '/responses/r?stream=false').stream).toBe(false);
    expect(read('GET', '/responses/r').stream).toBe(false);
  });

  it('what it belongs to', () => {
    expect(read('GET', '/responses/resp_1/input_items').previousResponseId).toBe('resp_1');
    expect(read('DELETE', '/chat/completions/chatcmpl_1').previousResponseId).toBe('chatcmpl_1');
    expect(read('GET', '/conversations/conv_1/items').conversation).toBe('conv_1');
  });

  it('no text of what the provider has issued', () => {
    expect(
      read('GET', '/responses/resp_0123456789abcdef/input_items?after=msg_0123456789abcdef').texts,
    ).toEqual([]);
  });
});

describe('text that comes as numbers', () => {
  it.each([
    ['/embeddings', { model: 'm', input: [1, 2] }, 'input'],
    ['/embeddings', { model: 'm', input: ['a', [1, 2]] }, 'input'],
    ['/completions', { model: 'm', prompt: [[1, 2]] }, 'prompt'],
  ])('is refused: POST %s %j', (path, body, place) => {
    const bytes = new TextEncoder().encode(JSON.stringify(body));
    const reading = () => readRequest(readTarget('POST', path) as Target, bytes);
    expect(reading).toThrow(expect.objectContaining({ name: 'RequestError', place }));
  });
});
