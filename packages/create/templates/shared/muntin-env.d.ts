/// <reference types="@muntin/vite/client" />

declare module 'virtual:muntin/origins' {
  interface GuestNames {
    readonly counter: string;
  }
}
