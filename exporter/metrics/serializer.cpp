// SPDX-License-Identifier: Apache-2.0
#include "metrics/serializer.h"

#include <prometheus/text_serializer.h>

namespace netchange {

std::string SerializeText(const std::vector<prometheus::MetricFamily>& families) {
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace netchange
