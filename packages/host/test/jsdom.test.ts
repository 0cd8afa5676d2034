// @vitest-environment jsdom
import { describeComponent } from './fixtures/component.ts';

describeComponent('jsdom');
