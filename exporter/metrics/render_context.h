// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace netchange {

class IrqDevices;
class KernelClock;
class NetnsNames;

/// What keys and values need to become text and numbers.
struct RenderContext {
  const KernelClock& clock;
  NetnsNames& netns;
  IrqDevices& irqs;
};

}  // namespace netchange
