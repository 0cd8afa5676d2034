declare module 'virtual:record' {
  const record: {
    readonly source: { readonly feed: string; readonly generated: number; readonly package: string };
    readonly leftOut: number;
    readonly rows: readonly (readonly [
      id: string,
      time: number,
      longitude: number,
      latitude: number,
      depth: number,
      magnitude: number,
      place: string,
    ])[];
  };
  export default record;
}
