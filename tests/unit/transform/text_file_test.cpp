#include "transform/text_file.hpp"
#include "unit/transform/temporary_files.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tocsin::transform {
namespace {

TEST(text_file, is_read_whole_and_as_it_is) {
  const test::temporary_files files;
  EXPECT_EQ(read_text_file(files.add("a", "")).value(), "");
  const std::string large(200'000, 'x');
  EXPECT_EQ(read_text_file(files.add("b", large + std::string("\r\n\0", 3))).value(), large + std::string("\r\n\0", 3));
}

TEST(text_file, that_is_too_large_is_refused_without_being_read_to_its_end) {
  const test::temporary_files files;
  const auto file = files.add("a", std::string(1 << 20, 'x'));
  EXPECT_EQ(read_text_file(file, 1 << 20).value().size(), 1U << 20);
  files.add("a", std::string((1 << 20) + 1, 'x'));
  EXPECT_EQ(read_text_file(file, 1 << 20).error().why, "is larger than 1 MiB; name a smaller file");
  EXPECT_EQ(read_text_file("/dev/zero", 1 << 20).error().why, "is larger than 1 MiB; name a smaller file");
}

TEST(text_file, that_is_none_says_why) {
  const test::temporary_files files;
  EXPECT_EQ(read_text_file(files.path() / "none").error().why,
            "cannot be read: No such file or directory; name a file that this user may read");
  EXPECT_EQ(read_text_file(files.path()).error().why, "is a folder; name a file");
}

} // namespace
} // namespace tocsin::transform
