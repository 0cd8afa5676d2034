// What the explorer drives; mutants of it are built from here.
export { Acceptor } from '../../src/handshake/accept.ts';
export { Connector } from '../../src/handshake/connect.ts';
