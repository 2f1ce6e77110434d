#include "cli/file_changes.hpp"
#include "unit/transform/temporary_files.hpp"

#include <gtest/gtest.h>

namespace tocsin::cli {
namespace {

TEST(file_changes, sees_a_file_that_is_written_appears_or_vanishes) {
  const test::temporary_files files;
  const auto there = files.add("there", "1");
  const auto later = files.path() / "later";
  file_changes changes({there, later});
  EXPECT_FALSE(changes.any());
  files.add("there", "12");
  EXPECT_TRUE(changes.any());

  changes = file_changes({there, later});
  EXPECT_FALSE(changes.any());
  files.add("later", "");
  EXPECT_TRUE(changes.any());

  changes = file_changes({there, later});
  std::filesystem::remove(there);
  EXPECT_TRUE(changes.any());
}

TEST(file_changes, sees_a_file_of_the_same_size_by_its_time) {
  const test::temporary_files files;
  const auto file = files.add("a", "1");
  const file_changes changes({file});
  std::filesystem::last_write_time(file, std::filesystem::last_write_time(file) + std::chrono::seconds(1));
  EXPECT_TRUE(changes.any());
}

} // namespace
} // namespace tocsin::cli
