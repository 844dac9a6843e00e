// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace netchange {

class IrqDevices;
class KernelClock;
class NetnsNames;

/// Data needed to turn a key or value into text and numbers.
struct RenderContext {
  const KernelClock& clock;
  NetnsNames& netns;
  IrqDevices& irqs;
};

}  // namespace netchange
