import attacks from 'virtual:attacks';

/** Every attack of the test suite, read from its files when this page was built. */
export const catalogue = attacks;
