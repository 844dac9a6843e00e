// SPDX-License-Identifier: Apache-2.0
// Ends the guest at once through QEMU's isa-debug-exit device, which is faster than a power-off.
#include <sys/io.h>

int main(void) {
  if (ioperm(0xf4, 1, 1) != 0) return 1;
  outb(0x21, 0xf4);
  return 1;
}
