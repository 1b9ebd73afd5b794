// Generates proto/gen from the .proto files. `npm run generate`.
import { buf } from './buf.ts';

buf(['generate']);
