import { bringPorts } from './globals.ts';

await bringPorts();

export {
  type FakeCall,
  type FakeGuest,
  type FakeHandlers,
  type FakeHost,
  type FakeHostOptions,
  fakeGuest,
  fakeHost,
} from './fakes.ts';
export {
  type ExposeInTest,
  type GuestTestOptions,
  type HostTestOptions,
  type TestMount,
  type TestMountOptions,
  testMount,
} from './test-mount.ts';
