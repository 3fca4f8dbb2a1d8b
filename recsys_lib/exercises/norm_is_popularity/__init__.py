"""Lesson 6: does a long vector mean a popular film, why, and what follows for the lists?"""
