// A second opinion on random schemas and values: valijson. Where the two differ, the draft decides; what valijson is known to see
// differently is not made by the generator:
//  - integral doubles (1.0 is an integer and equals 1 in draft 7; valijson goes by the type);
//  - multiples of an integer (valijson cuts a fraction off before it divides);
//  - types in propertyNames (valijson takes any name for any type), and propertyNames behind a $ref (it takes another
//    schema's);
//  - a "." against characters beyond ASCII (valijson matches bytes);
//  - formats, which are annotations here.
#include "transform/schema.hpp"
#include "unit/transform/random_schema.hpp"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include <cstdlib>
#include <iostream>

namespace tocsin::schema {
namespace {

namespace json = boost::json;

TEST(schema_differential, gives_valijsons_answer_on_random_schemas_and_values) {
  const char* told = std::getenv("TOCSIN_TEST_SEED");
  const std::uint64_t seed = told ? std::strtoull(told, nullptr, 10) : 20261123;
  std::cout << "seed " << seed << " (another: TOCSIN_TEST_SEED)\n";
  random_schema random(seed);
  std::size_t valid = 0, answers = 0;
  for (int round = 0; round < 6000; ++round) {
    const json::value document = random.whole();
    const auto ours = compile(document);
    ASSERT_TRUE(ours) << to_string(ours.error()) << "\n" << json::serialize(document);

    valijson::Schema theirs;
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    const valijson::adapters::BoostJsonAdapter adapted(document);
    parser.populateSchema(adapted, theirs);

    for (int n = 0; n < 12; ++n) {
      const json::value value = random.instance();
      const auto fault = ours->check(value);
      valijson::Validator validator;
      const bool expected = validator.validate(theirs, valijson::adapters::BoostJsonAdapter(value), nullptr);
      ASSERT_EQ(!fault, expected) << (fault ? to_string(*fault) : "valid") << "\n"
                                  << json::serialize(document) << "\n"
                                  << json::serialize(value);
      valid += expected;
      ++answers;
    }
  }
  // Not all of one kind, or nothing has been compared.
  EXPECT_GT(valid, answers / 5);
  EXPECT_LT(valid, answers * 4 / 5);
}

} // namespace
} // namespace tocsin::schema
