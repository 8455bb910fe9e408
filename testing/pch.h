// What nearly every test includes. As in src/pch.h: nothing of ours.
#pragma once

#include "../src/pch.h"

#include <fstream>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
