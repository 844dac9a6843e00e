// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace netchange {

class IrqDevices;
class KernelClock;
class NetnsNames;

/// What turning a key or a value into text and numbers needs to know.
struct RenderContext {
  const KernelClock& clock;
  NetnsNames& netns;
  IrqDevices& irqs;
};

}  // namespace netchange
