#include "actord/settings.hpp"

#include <gtest/gtest.h>

namespace {

using actord::ByteSize;
using namespace std::chrono_literals;

struct Sample {
  std::string path;
  std::chrono::milliseconds delay{250};
  ByteSize size{1024};
  uint8_t small = 7;
  bool flag = false;
  double ratio = 0.5;
  std::string mode = "a";
  std::vector<std::string> names;
  static auto fields() {
    using S = Sample;
    return actord::settings(actord::setting("path", &S::path).required().min(1),
                            actord::setting("delay", &S::delay).min(10).max(60'000),
                            actord::setting("size", &S::size), actord::setting("small", &S::small),
                            actord::setting("flag", &S::flag), actord::setting("ratio", &S::ratio),
                            actord::setting("mode", &S::mode).one_of({"a", "b"}),
                            actord::setting("names", &S::names));
  }
};

std::string error_of(std::string_view json) {
  const auto bound = actord::bind_settings<Sample>(json);
  return bound ? "" : bound.error().text;
}

TEST(Settings, AbsentKeysKeepTheirDefaults) {
  const auto bound = actord::bind_settings<Sample>(R"({"path":"/x"})");
  ASSERT_TRUE(bound) << bound.error().text;
  EXPECT_EQ(bound->path, "/x");
  EXPECT_EQ(bound->delay, 250ms);
  EXPECT_EQ(bound->small, 7);
}

TEST(Settings, NumbersAndTextWithUnitsMeanTheSame) {
  const auto numbers = actord::bind_settings<Sample>(R"({"path":"x","delay":5000,"size":65536})");
  const auto texts = actord::bind_settings<Sample>(R"({"path":"x","delay":"5s","size":"64KiB"})");
  ASSERT_TRUE(numbers && texts);
  EXPECT_EQ(numbers->delay, texts->delay);
  EXPECT_EQ(numbers->size, texts->size);
}

TEST(Settings, ErrorsNameTheKeyAndWhatWasExpected) {
  EXPECT_EQ(error_of("{}"), "setting \"path\" is required and missing");
  EXPECT_EQ(error_of(R"({"path":3})"), "setting \"path\" expected a string of at least 1, got 3");
  EXPECT_EQ(error_of(R"({"path":"x","delay":"5"})"),
            "setting \"delay\" expected a duration such as 250ms or 5s of at least 10 of at most "
            "60000, got \"5\"");
  EXPECT_EQ(error_of(R"({"path":"x","small":256})"),
            "setting \"small\" expected an integer, got 256");
  EXPECT_EQ(error_of(R"({"path":"x","small":-1})"),
            "setting \"small\" expected an integer, got -1");
  EXPECT_EQ(error_of(R"({"path":"x","flag":"yes"})"),
            "setting \"flag\" expected true or false, got \"yes\"");
  EXPECT_EQ(error_of(R"({"path":"x","mode":"c"})"),
            "setting \"mode\" expected one of \"a\" \"b\", got \"c\"");
  EXPECT_EQ(error_of(R"({"path":"x","delay":9223372036854775807})").substr(0, 15),
            "setting \"delay\"");
  EXPECT_EQ(error_of(R"({"path":"x","delay":"99999999999999999999s"})").substr(0, 15),
            "setting \"delay\"");
  EXPECT_EQ(error_of("[]"), "settings must be a JSON object");
  EXPECT_EQ(error_of("{nope"), "settings must be a JSON object");
}

TEST(Settings, AnUnknownKeyIsAnErrorThatListsTheKnownOnes) {
  EXPECT_EQ(
      error_of(R"({"path":"x","pth":1})"),
      "setting \"pth\" is unknown; there are: path, delay, size, small, flag, ratio, mode, names");
}

}  // namespace
