#include "push/name_lookup.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace tocsin::push {
namespace {

using boost::asio::ip::make_address;

endpoints all(std::initializer_list<const char*> addresses) {
  endpoints result;
  for (const auto* address : addresses) result.emplace_back(make_address(address), 80);
  return result;
}

TEST(addresses, take_turns_by_family) {
  EXPECT_EQ(interleave_families(all({"::1", "::2", "::3", "1.1.1.1", "1.1.1.2"})),
            all({"::1", "1.1.1.1", "::2", "1.1.1.2", "::3"}));
  EXPECT_EQ(interleave_families(all({"1.1.1.1", "::1"})), all({"1.1.1.1", "::1"}));
  EXPECT_EQ(interleave_families(all({"1.1.1.1", "1.1.1.2"})), all({"1.1.1.1", "1.1.1.2"}));
  EXPECT_EQ(interleave_families({}), endpoints{});
}

TEST(system_lookup, answers_all_who_ask_at_the_same_time) {
  boost::asio::io_context io;
  auto names = make_system_lookup(io.get_executor());
  int answers = 0;
  for (int i = 0; i < 3; ++i) {
    names->lookup("127.0.0.1", 81, [&](boost::system::error_code error, const endpoints& found) {
      ++answers;
      EXPECT_FALSE(error);
      EXPECT_EQ(found, (endpoints{{make_address("127.0.0.1"), 81}}));
    });
  }
  EXPECT_EQ(answers, 0) << "nobody is called back inside lookup()";
  io.run();
  EXPECT_EQ(answers, 3);
}

TEST(system_lookup, may_go_before_the_answer_comes) {
  boost::asio::io_context io;
  int answers = 0;
  make_system_lookup(io.get_executor())->lookup("127.0.0.1", 81, [&](boost::system::error_code, const endpoints&) { ++answers; });
  io.run();
  EXPECT_EQ(answers, 1);
}

} // namespace
} // namespace tocsin::push
