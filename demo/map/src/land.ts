import type { FeatureCollection, MultiLineString } from 'geojson';
import { feature, mesh } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import countriesUrl from 'world-atlas/countries-50m.json?url';

export interface Land {
  readonly countries: FeatureCollection;
  readonly borders: MultiLineString;
}

/** Natural Earth's countries at 1:50 million, as world-atlas packages them. */
export async function loadLand(): Promise<Land> {
  const response = await fetch(countriesUrl);
  const atlas: Topology<{ countries: GeometryCollection }> = await response.json();
  const { countries } = atlas.objects;
  return { countries: feature(atlas, countries), borders: mesh(atlas, countries, (a, b) => a !== b) };
}
