// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "logic_test.h"
#include "programs/queues_logic.h"

// The skeleton uses types of the headers above.
#include "queues_logic.skel.h"

namespace netchange::test {
namespace {

class QueuesLogic : public LogicTest<queues_logic_bpf__elf_bytes> {
 protected:
  int IsInList(std::uint32_t queue, const std::vector<std::uint16_t>& queues) {
    list_record record{queue, static_cast<std::uint32_t>(queues.size()), {}};
    std::fill(std::begin(record.queues), std::end(record.queues), queue);  // after the end
    std::copy(queues.begin(), queues.end(), record.queues);
    return logic_->Run("is_in_list", record);
  }
  setting_value MaskOf(const std::vector<std::uint32_t>& bits) {
    bits_record record{static_cast<std::uint32_t>(bits.size()), {}, 0, {}};
    std::copy(bits.begin(), bits.end(), record.bits);
    EXPECT_EQ(logic_->Run("add_bits", record), 0);
    return record.mask;
  }
};

TEST_F(QueuesLogic, FindsAQueueWhereverItStandsInAList) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  for (std::uint16_t size = 0; size <= 32; ++size) {
    std::vector<std::uint16_t> queues;
    for (std::uint16_t i = 0; i < size; ++i) queues.push_back(2 * i);
    for (std::uint16_t queue = 0; queue < 66; ++queue)
      EXPECT_EQ(IsInList(queue, queues), queue % 2 == 0 && queue < 2 * size)
          << queue << ' ' << size;
  }
  EXPECT_EQ(IsInList(0x100, {0, 1, 0x101, 0x200}), 0);
  EXPECT_EQ(IsInList(4095, {0, 1, 2, 4094, 4095}), 1);
}

TEST_F(QueuesLogic, DoesNotGuessWhatAListHasThatIsTooLong) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  EXPECT_EQ(IsInList(1, std::vector<std::uint16_t>(33, 1)), -1);
}

TEST_F(QueuesLogic, DistinguishesMasksOfManyCpus) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  const setting_value low = MaskOf({0, 9, 511});
  EXPECT_EQ(low.bytes[0], 1);
  EXPECT_EQ(low.bytes[1], 2);
  EXPECT_EQ(low.bytes[63], 128);
  EXPECT_EQ(low.size, 64U);
  // The stored bytes are equal; size and hash cover the rest.
  const setting_value one = MaskOf({0, 512}), other = MaskOf({0, 513}),
                      longer = MaskOf({0, 512, 8191});
  for (const setting_value* mask : {&one, &other, &longer}) {
    EXPECT_EQ(std::memcmp(mask->bytes, MaskOf({0}).bytes, sizeof(mask->bytes)), 0);
    EXPECT_GT(mask->size, 64U);
  }
  EXPECT_NE(one.hash, other.hash);
  EXPECT_NE(one.hash, longer.hash);
  EXPECT_EQ(one.hash, MaskOf({0, 512}).hash);
  EXPECT_EQ(longer.size, 1024U);
}

TEST_F(QueuesLogic, ReadsTheListsOfAllCpus) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  for (const std::uint32_t count : {1U, 7U, 8U, 9U, 64U, 65U, 130U, 511U, 512U}) {
    for (const std::uint32_t step : {1U, 3U, 100U}) {
      lists_record record{count, step, {}};
      ASSERT_EQ(logic_->Run("read_lists", record), 0);
      for (std::uint32_t cpu = 0; cpu < 512; ++cpu)
        ASSERT_EQ(record.mask.bytes[cpu / 8] >> cpu % 8 & 1, cpu < count && cpu % step == 0)
            << cpu << " of " << count << ", " << step;
    }
  }
}

}  // namespace
}  // namespace netchange::test
