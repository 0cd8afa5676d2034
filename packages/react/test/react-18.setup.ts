import Module from 'node:module';

// React 18 is installed beside 19 under another name, also for what React DOM requires.
const loader: { _resolveFilename?: (request: string, ...rest: unknown[]) => string } = Object(Module);
const resolve = loader._resolveFilename;
if (resolve === undefined) throw new Error('this Node has another module loader');
loader._resolveFilename = (request, ...rest) =>
  resolve.call(Module, request.replace(/^(react|react-dom)(?=\/|$)/, '$1-18'), ...rest);
