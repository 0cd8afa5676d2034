// Where the compiler knows `Disposable`, what we hand out can be held with `using`.
import { byReference } from '@muntin/core';
import type { Shell } from '@muntin/guest';
import type { Mount } from '@muntin/host';

export async function hold(mounted: Mount<never>, shell: Shell<never>): Promise<void> {
  await using widget = mounted;
  using page = shell;
  using reference = byReference(() => 1);
  const disposables: readonly Disposable[] = [page, reference];
  const later: AsyncDisposable = widget;
  void [disposables, later];
}
